"""A generator's weights in a safetensors file, with what is needed to build it again in the header.

The header holds `gan_zoo`: JSON of `format`, `config` and `spec` (as in checkpoints), `images`, `condition`
(where a growing generator stood) and `versions`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_zoo import checkpoint
from gan_zoo.errors import UserError

FORMAT = 1
SUFFIX = ".safetensors"
KEYS = ("config", "spec", "images", "condition", "versions")


def to_bytes(weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> bytes:
    """Return the content of a file.

    Args:
        weights: of the generator.
        about: what the header says, by `KEYS`.

    Raises:
        UserError: if the package is missing.
    """
    save = _package().torch.save
    apart = {name: weight.detach().cpu().contiguous().clone() for name, weight in weights.items()}
    header = {"format": FORMAT, **{key: about[key] for key in KEYS}}
    return save(apart, metadata={"gan_zoo": json.dumps(header)})


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the weights in a file, and what its header says.

    Raises:
        UserError: if the package is missing, or the file is damaged or not ours.
    """
    package = _package()
    try:
        content = path.read_bytes()
        weights = package.torch.load(content)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except package.SafetensorError as error:
        raise UserError(f"{path} is damaged or no safetensors file: {error}. Export it again.") from error
    size = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["gan_zoo"])
        if header["format"] != FORMAT:
            raise UserError(
                f"{path} has export format {header['format']!r}; this gan_zoo reads {FORMAT}. "
                f"It was written by gan_zoo {checkpoint.writer(header)}: install that version to read it."
            )
        return weights, {key: header[key] for key in KEYS}
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise UserError(
            f"{path} was not exported by gan_zoo: its header does not say what to build. Type "
            f"python scripts/export.py run=DIR format=safetensors"
        ) from error


def _package() -> Any:
    try:
        import safetensors
        import safetensors.torch
    except ImportError as error:
        raise UserError(
            "Files of safetensors need the package of that name. Type: pip install 'gan-zoo[export]'"
        ) from error
    return safetensors
