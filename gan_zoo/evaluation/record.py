"""What is kept of every number: its value, the same on real and on collapsed data, and its protocol."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["lower", "higher", "near"]


@dataclass(frozen=True)
class Quantity:
    """What a metric says of one of its numbers before it is measured.

    Attributes:
        direction: `lower` or `higher` is better, or best is `near` the ideal (the floor, where that is None).
        ideal: the value of a perfect generator, or None where only the floor tells it.
        shows: `collapse` if it is about what is missing, else `quality`; the group in a run's log.
    """

    direction: Direction
    ideal: float | None = None
    shows: Literal["quality", "collapse"] = "quality"


@dataclass(frozen=True)
class Record:
    """One number that can be judged and repeated.

    Attributes:
        name: by the labelling rule; `FID`, `KID`, `IS` and `LPIPS` only with canonical weights.
        metric: the registered metric that measured it.
        value: on generated samples, None where it is not finite.
        floor: the same on real samples that are no reference: what a perfect generator would get.
        ceiling: the same on a deliberately collapsed sample: what a broken generator gets.
        direction: `lower`, `higher` or `near`.
        ideal: of a perfect generator and infinitely many samples, or None.
        std: of `value` over the estimator's own subsets or splits, or None.
        protocol: all that must be equal before two values may be compared.
    """

    name: str
    metric: str
    value: float | None
    floor: float | None
    ceiling: float | None
    direction: Direction
    ideal: float | None
    std: float | None = None
    protocol: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return the record as JSON has it, without its name."""
        keys = ("metric", "value", "floor", "ceiling", "direction", "ideal", "std", "protocol")
        return {key: getattr(self, key) for key in keys}


def finite(value: float | None) -> float | None:
    """Return `value`, or None where it is not a finite number; JSON knows no others."""
    return float(value) if value is not None and math.isfinite(value) else None
