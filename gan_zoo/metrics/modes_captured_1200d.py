"""Modes captured of the 1200-D mixture, over batches; defined in `functional.modes_captured_1200d`."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.modes_captured_1200d import NOISY, summarize_modes_1200d, tally_modes_1200d
from gan_zoo.metrics.functional.modes_captured_1200d import ModesCaptured1200d as Found
from gan_zoo.metrics.histograms import Sums


@METRICS.register("modes_captured_1200d")
class ModesCaptured1200d(Metric):
    """Modes captured by generated samples `[B, D]`; only sums are kept.

    Args:
        centers: `[K, D]`, each constant over coordinates.
        noisy: how many leading coordinates vary.
        std: of each of them.
        radius: of high quality, in standard deviations of the mean over coordinates.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, centers: Array, noisy: int = NOISY, std: float = 1.0, radius: float = 3.0) -> None:
        self.centers = as_float64(centers, "centers")
        self.noisy, self.std, self.radius = noisy, std, radius
        super().__init__()

    def accumulator(self) -> Sums:
        """Return sums over high-quality samples."""
        rule = partial(tally_modes_1200d, centers=self.centers, noisy=self.noisy)
        return Sums(partial(rule, std=self.std, radius=self.radius))

    def compute(self) -> Found:
        """Return what all batches show."""
        tally = self.collected("fake")
        return summarize_modes_1200d(tally, noisy=self.noisy, std=self.std, radius=self.radius)
