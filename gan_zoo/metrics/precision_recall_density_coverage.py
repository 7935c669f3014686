"""Four shares over batches; the definition is in `functional.precision_recall_density_coverage`."""

from __future__ import annotations

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.precision_recall_density_coverage import (
    PRDC,
    precision_recall_density_coverage,
)


@METRICS.register("precision_recall_density_coverage")
class PrecisionRecallDensityCoverage(Metric):
    """How many fakes lie among reals, and how many reals among fakes; higher is better.

    Args:
        neighbors: k, a ball reaches to the k-th nearest neighbor.
    """

    def __init__(self, neighbors: int = 5) -> None:
        self.neighbors = neighbors
        super().__init__()

    def compute(self) -> PRDC:
        """Return precision, recall, density and coverage; 1 is ideal."""
        return precision_recall_density_coverage(
            self.collected("real"), self.collected("fake"), self.neighbors
        )
