"""The schedule of networks that grow, as it was seen in the table of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gan_zoo.run_files import KIMG, RunFiles


@dataclass
class Grown:
    """One level.

    Attributes:
        level: its number.
        since_kimg: where it was first seen.
        faded_kimg: where it was first seen whole, or None.
        until_kimg: where it was last seen.
        resolution: of its pictures in pixels, None where the configuration does not say.
    """

    level: int
    since_kimg: float
    faded_kimg: float | None
    until_kimg: float
    resolution: int | None


def levels(run: RunFiles) -> list[Grown]:
    """Return the levels that a run went through; none for networks that do not grow."""
    model: Any = run.config.get("model")
    settings = model.get("growth") if isinstance(model, dict) else None
    doubles = isinstance(settings, dict)  # from 4 px, whichever of them was trained first
    found: dict[int, Grown] = {}
    for row in run.rows():
        if "progress/level" not in row or KIMG not in row:
            continue
        level, kimg = int(row["progress/level"]), row[KIMG]
        resolution = 4 * 2**level if doubles else None
        grown = found.setdefault(level, Grown(level, kimg, None, kimg, resolution))
        grown.until_kimg = kimg
        if grown.faded_kimg is None and row.get("progress/fade", 1.0) >= 1.0:
            grown.faded_kimg = kimg
    return [found[level] for level in sorted(found)]
