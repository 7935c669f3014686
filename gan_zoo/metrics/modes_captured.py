"""Modes captured of a Gaussian mixture, over batches; the definition is in `functional.modes_captured`."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.modes_captured import ModesCaptured as Found
from gan_zoo.metrics.functional.modes_captured import summarize_modes, tally_modes
from gan_zoo.metrics.histograms import Sums


@METRICS.register("modes_captured")
class ModesCaptured(Metric):
    """Modes captured by generated samples `[B, D]`; only sums are kept.

    Args:
        centers: `[K, D]`.
        std: of each Gaussian in every direction, in data units.
        radius: of high quality, in standard deviations.
        strict: whether a sample exactly at the radius is refused.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, centers: Array, std: float, radius: float = 3.0, strict: bool = True) -> None:
        self.centers, self.std, self.radius, self.strict = as_float64(centers, "centers"), std, radius, strict
        super().__init__()

    def accumulator(self) -> Sums:
        """Return sums over high-quality samples."""
        rule = partial(tally_modes, centers=self.centers, std=self.std)
        return Sums(partial(rule, radius=self.radius, strict=self.strict))

    def compute(self) -> Found:
        """Return what all batches show."""
        return summarize_modes(self.collected("fake"), self.std, self.radius)
