"""Accuracy of a nearest-neighbor classifier over batches; see `functional.nearest_neighbor_accuracy`."""

from __future__ import annotations

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.nearest_neighbor_accuracy import NearestNeighborAccuracy as Result
from gan_zoo.metrics.functional.nearest_neighbor_accuracy import nearest_neighbor_accuracy


@METRICS.register("nearest_neighbor_accuracy")
class NearestNeighborAccuracy(Metric):
    """How often the nearest other sample is of the same kind; 0.5 is ideal, 0 means copies."""

    def compute(self) -> Result:
        """Return the shares overall, on reals and on fakes."""
        return nearest_neighbor_accuracy(self.collected("real"), self.collected("fake"))
