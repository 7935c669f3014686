"""Partial mode loss: the generator makes much of the data, and never the rest."""

from __future__ import annotations

import math

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import COVERAGE, Symptom, calmer, percent, those
from gan_zoo.diagnosis.thresholds import Thresholds

OF_REALS = "collapse/coverage_of_reals"
MODES, KNOWN, GOOD = "collapse/modes", "collapse/modes_of_data", "collapse/high_quality"
MOSTLY = 0.5  # share of good samples from which only good samples count for a mode


def coverage(history: History, look: int) -> float:
    """Return the covered share of modes or cells, as a part of what reals cover; NaN where it is not known.

    Where most samples lie in a mode only those that do count, because samples on the way between two modes
    are near to others.
    """
    found = history.value(look, COVERAGE) / (history.value(look, OF_REALS) or math.nan)
    if history.value(look, GOOD) >= MOSTLY:
        found = min(found, history.value(look, MODES) / history.value(look, KNOWN))
    return found


def partial_mode_loss(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find modes, or cells of the data, that stay empty."""
    known = math.isfinite(history.value(look, KNOWN))
    least = limits.modes if known else limits.cells
    looks = history.lasting(look, lambda at: coverage(history, at) < least, limits)
    window = history.window(look, limits)
    if looks is None or window is None:
        return None
    middle = len(window) // 2
    halves = [[coverage(history, at) for at in half] for half in (window[:middle], window[middle:])]
    before, after = (sum(half) / len(half) for half in halves)
    if after > before + limits.better_coverage:
        return None
    what = f"{history.value(look, KNOWN):.0f} modes" if known else "the cells that reals fill"
    typical = sorted(coverage(history, at) for at in looks)[len(looks) // 2]
    evidence = (
        f"samples fill {percent(typical)} of {what} (median of {len(looks)} looks; the limit is "
        f"{percent(least)}), and no more of them than before."
    )
    tried = those(remedies.R1, calmer(history, look), remedies.INSTANCE_NOISE, remedies.MODE_SEEKING)
    return Symptom(looks[0], evidence, (*tried, remedies.PACKING, remedies.STDDEV, remedies.RELATIVISTIC))
