"""Exact Wasserstein distance between two sets of features, as GAN-Metrics takes it (arXiv:1806.07755)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import wasserstein_distance


@MEASURES.register("wasserstein_distance")
class WassersteinDistance(Measure):
    """Mean distance of the best pairing of real and generated samples; lower is better.

    Args:
        most: samples of each kind at most; the time grows with their third power.
    """

    needs = ("features",)
    quantities = {"wasserstein": Quantity("lower", 0.0)}
    paired = True

    def __init__(self, most: int = 2000) -> None:
        self.most = most

    def measure(self, sample: View) -> Measurement:
        """Pair all samples."""
        return Measurement({"wasserstein": wasserstein_distance(self.reference.features, sample.features)})

    def least(self) -> tuple[int, str]:
        """Ask for a pairing that no single pair decides."""
        return 20, "single pairs decide a pairing of few"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "exact optimal transport between equally many samples, Euclidean cost"}
