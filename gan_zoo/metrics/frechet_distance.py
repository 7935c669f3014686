"""Frechet distance over batches; the definition is in `functional.frechet_distance`."""

from __future__ import annotations

from gan_zoo.metrics.accumulators import Statistics
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.frechet_distance import frechet_distance


@METRICS.register("frechet_distance")
class FrechetDistance(Metric):
    """How far mean and covariance of generated features are from those of real ones; lower is better.

    It keeps sums, so its memory does not grow with the number of samples.
    """

    def accumulator(self) -> Statistics:
        """Return count, mean and scatter."""
        return Statistics()

    def compute(self) -> float:
        """Return the distance, 0 at best."""
        return frechet_distance(self.collected("real"), self.collected("fake"))
