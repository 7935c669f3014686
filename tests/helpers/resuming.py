"""Runs that are cut at a checkpoint and go on, compared with the same run uninterrupted."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from helpers.runs import SMALL, configuration
from torch import Tensor

from gan_zoo import checkpoint
from gan_zoo.assemble.train import train
from gan_zoo.cli.catalog import configuration_folder

CSV = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
CALLBACKS = yaml.safe_load((configuration_folder() / "callbacks" / "default.yaml").read_text())
CALLBACKS["checkpoints"] |= {"every_kimg": 0.001, "keep_last": 99}  # after each batch
CALLBACKS["metrics"] |= {"every_kimg": 0.03}  # so that a checkpoint finds an open window of means
CALLBACKS["sample_grids"] |= {"points": 20}
CALLBACKS["vitals"] |= {"samples": 16, "every_kimg": 0.02}
WALL_CLOCK = ("speed/images_per_second",)
Difference = tuple[str, Any, Any]


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


def unequal(first: Path, second: Path) -> list[Difference]:
    """Return everything in which two finished runs differ, wall-clock times apart."""
    states = [checkpoint.load(run / "checkpoints" / "last.ckpt") for run in (first, second)]
    found = list(_unequal(states[0]["game"], states[1]["game"], "game"))
    for place, (one, two) in enumerate(zip(_rows(first), _rows(second), strict=False)):
        found += [(f"row {place}", one, two)] if one != two else []
    if len(_rows(first)) != len(_rows(second)):
        found.append(("rows", len(_rows(first)), len(_rows(second))))
    pictures = [
        {path.name: path.read_bytes() for path in (run / "samples").glob("*.png")} for run in (first, second)
    ]
    found += [("pictures", sorted(pictures[0]), sorted(pictures[1]))] if pictures[0] != pictures[1] else []
    findings = [json.loads((run / "findings.json").read_text()) for run in (first, second)]
    return found + ([("findings", *findings)] if findings[0] != findings[1] else [])


def _unequal(one: Any, two: Any, at: str) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        for key in one:
            yield from _unequal(one[key], two[key], f"{at}.{key}")
    elif isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)) and len(one) == len(two):
        for index, pair in enumerate(zip(one, two, strict=True)):
            yield from _unequal(*pair, f"{at}[{index}]")
    elif isinstance(one, Tensor) and isinstance(two, Tensor):
        alike = one.dtype == two.dtype and one.shape == two.shape and one.stride() == two.stride()
        if not alike or not torch.equal(one.nan_to_num(7.0), two.nan_to_num(7.0)):
            yield at, one, two
    elif one != two:
        yield at, one, two


def _rows(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k not in WALL_CLOCK and v} for row in csv.DictReader(file)]
