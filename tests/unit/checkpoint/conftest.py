from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.types import DataSpec
from gan_zoo.version import versions


def whole(**changes: Any) -> dict[str, Any]:
    spec = checkpoint.plain_spec(DataSpec("digits", (1, 8, 8), 2, ("a", "b")))
    game = {"networks": {"generator": {"weight": torch.arange(6.0).view(2, 3).t()}}, "phase": None}
    contents = {
        "format": checkpoint.FORMAT, "config": {"lr": 0.1}, "spec": spec, "fingerprint": "f",
        "versions": versions(), "images": 5, "game": game, "observers": {"metrics": {"a": 1.0}},
        "environment": checkpoint.environment(),
    }  # fmt: skip
    return {**contents, **changes}


@pytest.fixture
def contents() -> Callable[..., dict[str, Any]]:
    """Make a small checkpoint's contents, with changes."""
    return whole
