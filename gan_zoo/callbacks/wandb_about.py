"""What Weights & Biases is told about a run: its name, group, tags and configuration."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_zoo.callbacks.source import git_commit
from gan_zoo.version import versions

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

SWEEP, METHOD = "GAN_ZOO_SWEEP", "GAN_ZOO_METHOD"  # what a sweep tells its jobs: its name, what seeds share
LONGEST_TAG, LONGEST_NAME = 64, 128  # letters, W&B's limits


def names(module: GANModule | None, run_dir: Path) -> dict[str, Any]:
    """Return what a run is called, and what it belongs to: a sweep, ours or W&B's, else its experiment.

    Args:
        module: the run, or None where only its folder is known.
        run_dir: its folder, whose name the run gets outside of sweeps.
    """
    sweep, shared = os.environ.get(SWEEP), os.environ.get(METHOD)
    group = sweep or os.environ.get("WANDB_SWEEP_ID")
    seed = f" seed={module.config.get('seed')}" if module is not None else ""
    name = f"{shared}{seed}" if sweep and shared else run_dir.resolve().name
    words = shlex.split(module.command) if module is not None else []
    experiments = [word.partition("=")[2] for word in words if word.lstrip("+").startswith("experiment=")]
    return {"name": name[:LONGEST_NAME], "group": group or (experiments[-1] if experiments else None)}


def tags(config: dict[str, Any], more: Sequence[str] = ()) -> list[str]:
    """Return model, loss, regularizers, stabilizers and data by name, and `more`, each once.

    Example:
        >>> tags({"model": {"name": "mlp"}, "loss": {"name": "js"}, "stabilizer": {"ema": {}}}, ["mine"])
        ['mlp', 'js', 'ema', 'mine']
    """
    parts = [str(config.get(key, {}).get("name") or "") for key in ("model", "loss")]
    parts += [*config.get("regularizer", {}), *config.get("stabilizer", {})]
    parts += [str(config.get("data", {}).get("name") or ""), *map(str, more)]
    return [name[:LONGEST_TAG] for name in dict.fromkeys(parts) if name]


def method(config: dict[str, Any]) -> str:
    """Return in one line what competes in a comparison; runs that differ only in the seed share it.

    Example:
        >>> method({"model": {"name": "mlp"}, "loss": {"name": "js"}, "stabilizer": {"packing": {}}})
        'mlp js + packing'
    """
    named = [str(config.get(key, {}).get("name") or "") for key in ("model", "loss")]
    added = [*config.get("regularizer", {}), *config.get("stabilizer", {})]
    return " + ".join([" ".join(filter(None, named)), *added])


def configuration(module: GANModule) -> dict[str, Any]:
    """Return the resolved configuration, and where the run comes from: code, data, and what was typed."""
    spec, dataset = module.game.spec, module.dataset
    return {
        **module.config,
        "method": os.environ.get(METHOD) or method(module.config),
        "command": module.command,
        "code": {"commit": git_commit(), **versions()},
        "dataset": {
            "name": spec.name,
            "fingerprint": dataset.fingerprint,
            "samples": len(dataset.train.values),
            "shape": list(spec.shape),
            "classes": spec.classes,
        },
    }
