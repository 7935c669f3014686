"""Frechet distance between features: how far means and covariances are apart (arXiv:1706.08500)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import feature_statistics, frechet_distance


@MEASURES.register("frechet_distance")
class FrechetDistance(Measure):
    """How far mean and covariance of the features are from those of the reference; lower is better."""

    needs = ("features",)
    quantities = {"fd": Quantity("lower", 0.0)}
    published_n = 50_000
    fast = True

    def fit(self, reference: View, context: Context) -> None:
        """Take the statistics of the reference."""
        super().fit(reference, context)
        self.statistics = feature_statistics(reference.features)

    def measure(self, sample: View) -> Measurement:
        """Compare statistics."""
        return Measurement({"fd": frechet_distance(self.statistics, sample.features)})

    def least(self) -> tuple[int, str]:
        """Ask for a covariance; more is a matter of bias, see `warnings`."""
        return 2, "a covariance needs two"

    def warnings(self, sample: View, found: Measurement) -> list[str]:
        """Tell of singular covariances."""
        fewest, width = min(len(sample), self.statistics.count), len(self.statistics.mean)
        if fewest > width:
            return []
        return [
            f"frechet_distance is of {fewest} samples with {width} features each: their covariance is "
            f"singular and the value too large. Compare it with its floor only, or give more than {width} of "
            "each kind."
        ]

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "plain Frechet distance, covariances divided by N - 1, float64"}
