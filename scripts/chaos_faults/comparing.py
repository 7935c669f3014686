"""Whether two finished runs are the same, bit for bit, wall-clock times apart."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo import checkpoint

WALL_CLOCK = ("speed/images_per_second",)
OF_SKIPPED = ("skips", "window")  # what a step that was not applied leaves in a game, beside its counts
Difference = tuple[str, Any, Any]


def unequal(first: Path, second: Path) -> list[Difference]:
    """Return everything in which two finished runs differ."""
    found = unequal_games(first, second) + unequal_pictures(first, second)
    rows = _rows(first), _rows(second)
    for place, (one, two) in enumerate(zip(*rows, strict=False)):
        found += [(f"row {place}", one, two)] if one != two else []
    if len(rows[0]) != len(rows[1]):
        found.append(("rows", len(rows[0]), len(rows[1])))
    findings = [json.loads((run / "findings.json").read_text()) for run in (first, second)]
    return found + ([("findings", *findings)] if findings[0] != findings[1] else [])


def unequal_games(first: Path, second: Path, apart_from: Collection[str] = ()) -> list[Difference]:
    """Return everything in which the games of two last checkpoints differ, but for some parts of a game."""
    games = [checkpoint.load(run / "checkpoints" / "last.ckpt")["game"] for run in (first, second)]
    states = [{key: value for key, value in game.items() if key not in apart_from} for game in games]
    return list(_unequal(states[0], states[1], "game"))


def unequal_pictures(first: Path, second: Path) -> list[Difference]:
    """Return the names of the pictures of two runs, if these or any picture differ."""
    pictures = [
        {path.name: path.read_bytes() for path in (run / "samples").glob("*.png")} for run in (first, second)
    ]
    return [("pictures", sorted(pictures[0]), sorted(pictures[1]))] if pictures[0] != pictures[1] else []


def not_finite(run: Path) -> list[str]:
    """Return the names of all tensors in any checkpoint of a run that hold a number that is not finite."""
    found = []
    for path in sorted((run / "checkpoints").glob("*.ckpt")):
        game = checkpoint.load(path)["game"]
        parts = {key: game[key] for key in ("networks", "optimizers", "stabilizers")}
        found += [f"{path.name}: {place}" for place, tensor in _tensors(parts, "") if not _finite(tensor)]
    return found


def _unequal(one: Any, two: Any, at: str) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(two, dict) and one.keys() == two.keys():
        for key in one:
            yield from _unequal(one[key], two[key], f"{at}.{key}")
    elif isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)) and len(one) == len(two):
        for index, pair in enumerate(zip(one, two, strict=True)):
            yield from _unequal(*pair, f"{at}[{index}]")
    elif isinstance(one, Tensor) and isinstance(two, Tensor):
        if not _same(one, two):
            yield at, one, two
    elif one != two:
        yield at, one, two


def _same(one: Tensor, two: Tensor) -> bool:
    """Say whether two tensors have the same type, shape, strides and bits; NaN is like NaN, 0 not like -0."""
    if one.dtype != two.dtype or one.shape != two.shape or one.stride() != two.stride():
        return False
    first, second = (tensor.detach().reshape(-1).view(torch.uint8) for tensor in (one, two))
    return torch.equal(first, second)


def _tensors(value: Any, at: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield at, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _tensors(item, f"{at}.{key}")


def _finite(tensor: Tensor) -> bool:
    return bool(tensor.isfinite().all())


def _rows(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k not in WALL_CLOCK and v} for row in csv.DictReader(file)]
