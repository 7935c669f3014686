"""The model presets: every constructor argument is there to be overridden, and the networks build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gan_zoo.networks import DISCRIMINATORS, GENERATORS
from gan_zoo.recipe import Recipe

PRESETS = sorted((Path(__file__).parents[3] / "conf" / "model").glob("*.yaml"))
RECIPE_KEYS = ("normalization", "activation", "initialization")


def read(path: Path) -> dict[str, Any]:
    """Return the preset's `model`."""
    return yaml.safe_load(path.read_text())["model"]


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_preset_lists_every_constructor_argument(path: Path) -> None:
    model = read(path)
    assert model["name"] == path.stem
    for role, registry, positional in (("generator", GENERATORS, 4), ("discriminator", DISCRIMINATORS, 3)):
        name = model[role]["name"]
        arguments = list(registry.parameters(name))[positional:]
        assert sorted(model[role]) == sorted(["name", *RECIPE_KEYS, *arguments])
        assert all(model[role][key] == "auto" for key in RECIPE_KEYS)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_preset_builds(path: Path) -> None:
    model = read(path)
    shape, classes = (
        ((2,), 0) if path.stem == "mlp" else ((1, 32, 32), 10 if model["labels"] != "none" else 0)
    )
    for role, registry, further in (
        ("generator", GENERATORS, (model["latent_dim"],)),
        ("discriminator", DISCRIMINATORS, ()),
    ):
        arguments = {key: value for key, value in model[role].items() if key not in ("name", *RECIPE_KEYS)}
        recipe = Recipe(role, **registry[model[role]["name"]].default_recipe)
        registry.build(model[role]["name"], recipe, shape, *further, classes, **arguments)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_preset_opens_with_its_paper_and_command(path: Path) -> None:
    package, *header = path.read_text().split("\nmodel:")[0].splitlines()
    assert package == "# @package _global_"
    text = " ".join(header)
    assert "arXiv:" in text
    assert "python train.py" in text
