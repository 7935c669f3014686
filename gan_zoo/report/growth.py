"""The schedule of networks that grow: as it was configured, else as it was seen in the table of metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gan_zoo.run_files import KIMG, RunFiles

SMALLEST = 4  # pixels of level 0, whichever level is trained first


@dataclass
class Grown:
    """One level.

    Attributes:
        level: its number.
        since_kimg: where it begins to be faded in.
        faded_kimg: where it is whole, or None.
        until_kimg: where it ends.
        resolution: of its pictures in pixels, None where the configuration does not say.
        batch_size: at this level, likewise.
    """

    level: int
    since_kimg: float
    faded_kimg: float | None
    until_kimg: float
    resolution: int | None = None
    batch_size: int | None = None


def planned(run: RunFiles) -> list[Grown]:
    """Return the levels that the configuration asks for up to the last image; none if it asks for none."""
    settings = _settings(run)
    try:
        train, fade = float(settings["train_kimg"]), float(settings["fade_kimg"])
        first, size = int(settings["start_resolution"]), _size(run)
        total = max(run.kimg_total or 0.0, run.kimg)
        return list(_plan(run, (first, size), (train, fade), total))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):  # none, or of another version
        return []


def _plan(
    run: RunFiles, resolutions: tuple[int, int], lengths: tuple[float, float], total: float
) -> Iterator[Grown]:
    """Yield the levels, the last of which lasts to the end.

    Raises:
        ValueError: for a resolution from which nothing can grow.
    """
    (resolution, last), (train, fade) = resolutions, lengths
    if resolution < SMALLEST:
        raise ValueError(f"no level has {resolution} px")
    since, faded = 0.0, 0.0
    while resolution <= last and (since < total or since == 0.0):
        ends = total if resolution == last else min(faded + train, total)
        whole = faded if faded <= total else None
        size = batch_size_at(run, resolution)
        level = (resolution // SMALLEST).bit_length() - 1
        yield Grown(level, since, whole, ends, resolution, size)
        since = faded + train
        faded, resolution = since + fade, 2 * resolution


def seen(run: RunFiles) -> list[Grown]:
    """Return the levels that stand in the table of metrics, each up to one of its rows late."""
    doubles = isinstance(_model(run).get("growth"), dict)
    found: dict[int, Grown] = {}
    for row in run.rows():
        if "progress/level" not in row or KIMG not in row:
            continue
        level, kimg = int(row["progress/level"]), row[KIMG]
        resolution = SMALLEST * 2**level if doubles else None
        grown = found.setdefault(level, Grown(level, kimg, None, kimg, resolution))
        grown.until_kimg = kimg
        if grown.faded_kimg is None and row.get("progress/fade", 1.0) >= 1.0:
            grown.faded_kimg = kimg
    return [found[level] for level in sorted(found)]


def batch_size_at(run: RunFiles, resolution: int) -> int | None:
    """Return the batch size at a resolution: that of the next smaller one that is listed."""
    listed = [(int(key), size) for key, size in (_settings(run).get("batch_size") or {}).items()]
    reached = [(key, size) for key, size in listed if key <= resolution]
    size = max(reached)[1] if reached else run.config.get("batch_size")
    return size if isinstance(size, int) else None


def batch_sizes(run: RunFiles) -> str:
    """Return the batch sizes in words: one, or by resolution where growth rules them."""
    levels = planned(run)
    changes = [
        each
        for place, each in enumerate(levels)
        if place == 0 or each.batch_size != levels[place - 1].batch_size
    ]
    if not changes or not _settings(run).get("batch_size"):
        return str(run.config.get("batch_size"))
    words = [f"{each.batch_size} from {each.resolution} px" for each in changes[1:]]
    return ", ".join([f"{changes[0].batch_size} at {changes[0].resolution} px", *words])


def _size(run: RunFiles) -> int:
    """Return the width of the data in pixels.

    Raises:
        KeyError, TypeError, ValueError: if nothing tells it.
    """
    told = (run.summary or {}).get("data")
    if isinstance(told, dict) and len(told.get("shape") or ()) == 3:
        return int(told["shape"][-1])
    size = run.config["data"]["size"]
    return int(size[-1] if isinstance(size, list) else size)


def _model(run: RunFiles) -> Mapping[str, Any]:
    model = run.config.get("model")
    return model if isinstance(model, dict) else {}


def _settings(run: RunFiles) -> Mapping[str, Any]:
    growth = _model(run).get("growth")
    return growth if isinstance(growth, dict) else {}
