"""Exact Wasserstein distance over batches; the definition is in `functional.wasserstein_distance`."""

from __future__ import annotations

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.wasserstein_distance import wasserstein_distance


@METRICS.register("wasserstein_distance")
class WassersteinDistance(Metric):
    """How far real features have to be moved to become the generated ones; lower is better."""

    def compute(self) -> float:
        """Return the distance in units of the features, 0 at best."""
        return wasserstein_distance(self.collected("real"), self.collected("fake"))
