"""Leave-one-out accuracy of a nearest neighbor that tells real from generated (arXiv:1610.06545)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import nearest_neighbor_accuracy


@MEASURES.register("nearest_neighbor_accuracy")
class NearestNeighborAccuracy(Measure):
    """Whether a sample's nearest neighbor is of its own kind; best is a half, 1 is separable, 0 is copied.

    Args:
        most: samples of each kind at most.
    """

    needs = ("features",)
    quantities = {
        "nn_accuracy": Quantity("near", 0.5),
        "nn_accuracy_real": Quantity("near", 0.5),
        "nn_accuracy_fake": Quantity("near", 0.5),
    }
    paired = True

    def __init__(self, most: int = 2000) -> None:
        self.most = most

    def measure(self, sample: View) -> Measurement:
        """Classify both kinds."""
        found = nearest_neighbor_accuracy(self.reference.features, sample.features)
        return Measurement(
            {
                "nn_accuracy": found.overall,
                "nn_accuracy_real": found.real,
                "nn_accuracy_fake": found.fake,
            }
        )

    def least(self) -> tuple[int, str]:
        """Ask for a share that is known to .05."""
        return 50, "a share of few samples says nothing"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "leave-one-out 1-NN, Euclidean, equally many of each kind"}
