"""Compose, build and play real configurations in small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir

from gan_zoo.assemble.train import prepare
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.data.loader import Loader
from gan_zoo.module import GANModule

SMALL: dict[str, list[str]] = {
    "mlp": [f"model.{player}.hidden=[16,16]" for player in ("generator", "discriminator")],
    "dcgan": [f"model.{player}.width=4" for player in ("generator", "discriminator")],
    "resnet": [f"model.{player}.width=4" for player in ("generator", "discriminator")],
    "cgan": [f"model.{player}.width=4" for player in ("generator", "discriminator")],
    "acgan": ["model.generator.width=16", "model.discriminator.width=2"],
    "pggan": [f"model.{player}.fmap_max=8" for player in ("generator", "discriminator")]
    + [
        "model.growth.train_kimg=0.016",
        "model.growth.fade_kimg=0.016",
        "model.growth.batch_size={4: 8, 16: 8, 32: 8}",
    ],
}
IMAGE_MODELS = tuple(name for name in SMALL if name != "mlp")


def configuration(*overrides: str, run_dir: str | Path = "unused") -> RunConfig:
    """Compose a configuration as the command line does."""
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        words = ["trainer=cpu", "batch_size=8", "kimg=0.2", *overrides, f"run_dir='{run_dir}'"]
        composed = compose("train", words)
    return RunConfig.from_hydra(composed, words, run_dir=str(run_dir))


def prepared(
    model: str, *overrides: str, run_dir: str | Path = "unused"
) -> tuple[GANModule, Loader, list[str]]:
    """Build a small version of a model with any overrides.

    Returns:
        The module with its optimizers, the loader, and the warnings.
    """
    config = configuration(f"model={model}", *SMALL[model], *overrides, run_dir=run_dir)
    module, loader, _, warnings = prepare(config, "test")
    module.configure_optimizers()
    return module, loader, warnings


def play(module: GANModule, loader: Loader, generator_steps: int) -> dict[str, float]:
    """Play until the generator has taken so many steps; return the means of all terms."""
    batches = iter(loader)
    while module.game.steps["generator"] < generator_steps:
        module.game.play(next(batches))
    return module.game.window.flush()


def weights(module: GANModule) -> dict[str, Any]:
    """Return a copy of all weights and buffers of both networks."""
    return {
        f"{name}.{key}": value.clone()
        for name, network in module.game.networks.items()
        for key, value in network.state_dict().items()
    }


def moved(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor], player: str) -> bool:
    """Say whether any weight of a player changed."""
    return any(not torch.equal(before[key], after[key]) for key in before if key.startswith(player))
