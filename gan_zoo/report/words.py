"""Numbers and states as a person reads them."""

from __future__ import annotations

import math
from typing import Any

STATES = {
    "finished": "The run saw all of its images.",
    "stopped": "The run was ended before its last image; samples, checkpoint and summary were written.",
    "preempted": "The run was asked to end before its last image, and saved itself.",
    "interrupted": "The run was interrupted from the keyboard.",
    "failed": "An exception ended the run.",
    "refused": "The run was refused before its first step, for something that was typed or in its folder.",
    "unfinished": "There is no summary: the run is still going on, or it was killed.",
}

ARROWS = {"lower": "↓", "higher": "↑", "near": "≈"}
MEANING = {"lower": "lower is better", "higher": "higher is better", "near": "close to real data is better"}
NONE = "\N{EN DASH}"


def number(value: Any) -> str:
    """Return a number with four digits that count; a dash for none.

    Example:
        >>> number(0.123456), number(12345.6), number(8.0), number(None), number(float("nan"))
        ('0.1235', '12,346', '8', '–', 'nan')
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value) if value else NONE
    if math.isfinite(value) and 1e4 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def whole(value: Any) -> str:
    """Return a count with thousands apart.

    Example:
        >>> whole(1234567), whole(None)
        ('1,234,567', '\N{EN DASH}')
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return f"{value:,.0f}" if is_number else NONE


def duration(seconds: Any) -> str:
    """Return a duration in its two largest units.

    Example:
        >>> duration(7.04), duration(95), duration(3700), duration(90000), duration(None)
        ('7.0 s', '1 min 35 s', '1 h 1 min', '1 d 1 h', '\N{EN DASH}')
    """
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return NONE
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    rest = round(seconds)
    for unit, size, smaller, below in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if rest >= size:
            more = rest % size // below
            return f"{rest // size} {unit}" + (f" {more} {smaller}" if more else "")
    return f"{rest} s"
