"""Runs that are cut at a checkpoint and go on, compared with the same run uninterrupted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml
from helpers.runs import SMALL, configuration

from chaos_faults.comparing import unequal
from gan_zoo.assemble.train import train
from gan_zoo.cli.catalog import configuration_folder

__all__ = ["CALLBACKS", "CSV", "cut", "seen", "trained", "unequal"]

CSV = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
CALLBACKS = yaml.safe_load((configuration_folder() / "callbacks" / "default.yaml").read_text())
CALLBACKS["checkpoints"] |= {"every_kimg": 0.001, "keep_last": 99}  # after each batch
CALLBACKS["metrics"] |= {"every_kimg": 0.03}  # so that a checkpoint finds an open window of means
CALLBACKS["sample_grids"] |= {"points": 20}
CALLBACKS["vitals"] |= {"samples": 16, "every_kimg": 0.02}


def trained(folder: Path, model: str, *overrides: str, callbacks: dict[str, Any] = CALLBACKS) -> Path:
    """Train a small model from its beginning, or where it stands; return its folder."""
    config = configuration(f"model={model}", *SMALL[model], *overrides, run_dir=folder)
    words = [f"model={model}", *overrides]
    train(config, callbacks, CSV, "python train.py test", words, resumes=folder.exists())
    return folder


def cut(run: Path, other: Path, images: int) -> Path:
    """Copy a finished run as it would stand if it had been killed after its checkpoint at `images`."""
    shutil.copytree(run, other)
    for path in (other / "checkpoints").glob("*.ckpt"):
        if path.name != "last.ckpt" and seen(path) > images:
            path.unlink()
    newest = max((other / "checkpoints").glob("*kimg.ckpt"), key=seen)
    shutil.copy(newest, other / "checkpoints" / "last.ckpt")
    for name in ("summary.json", "findings.json"):
        (other / name).unlink(missing_ok=True)
    return other


def seen(path: Path) -> int:
    """Return the image count of a numbered checkpoint."""
    whole, thousandth = path.name.removesuffix("kimg.ckpt").split(".")
    return int(whole) * 1000 + int(thousandth)
