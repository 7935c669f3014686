"""Precision, recall, density and coverage of neighborhoods (Naeem 2020, arXiv:2002.09797)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import precision_recall_density_coverage


@MEASURES.register("precision_recall_density_coverage")
class PrecisionRecallDensityCoverage(Measure):
    """Whether generated samples lie among real ones, and real ones among generated; higher is better.

    Coverage is the number that shows collapse. Recall rises for noisy outliers, too.

    Args:
        neighbors: whose distance makes a neighborhood.
        most: samples of each kind at most.
    """

    needs = ("features",)
    quantities = {
        "precision": Quantity("higher", 1.0),
        "recall": Quantity("higher", 1.0, shows="collapse"),
        "density": Quantity("higher", 1.0),
        "coverage": Quantity("higher", 1.0, shows="collapse"),
    }
    paired = True
    fast = True

    def __init__(self, neighbors: int = 5, most: int = 5000) -> None:
        self.neighbors, self.most = neighbors, most

    def measure(self, sample: View) -> Measurement:
        """Compare neighborhoods."""
        found = precision_recall_density_coverage(
            self.reference.features, sample.features, neighbors=self.neighbors
        )
        return Measurement({name: float(getattr(found, name)) for name in self.quantities})

    def least(self) -> tuple[int, str]:
        """Ask for ten times the neighbors."""
        return 10 * self.neighbors, f"neighborhoods of {self.neighbors} mean nothing among few samples"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "open balls up to the k-th neighbor, Euclidean", "neighbors": self.neighbors}
