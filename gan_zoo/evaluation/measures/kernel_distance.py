"""Kernel distance between features: squared MMD with a cubic kernel (Binkowski 2018, arXiv:1801.01401)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import kernel_distance


@MEASURES.register("kernel_distance")
class KernelDistance(Measure):
    """Squared maximum mean discrepancy of the features; lower is better, and unbiased, so it may be negative.

    Args:
        subsets: how many random subsets the mean is over.
        subset_size: samples in each. Where there are no more, all of them are compared once, and there is no
            standard deviation: subsets would all be the same.
    """

    needs = ("features",)
    quantities = {"kd": Quantity("lower", 0.0)}
    published_n = 50_000
    published = {"subsets": 100, "subset_size": 1000}

    def __init__(self, subsets: int = 100, subset_size: int = 1000) -> None:
        self.subsets, self.subset_size = subsets, subset_size

    def measure(self, sample: View) -> Measurement:
        """Compare subsets, or all samples."""
        all_at_once = self.subset_size >= max(len(sample), len(self.reference))
        self.number = None if all_at_once else self.subsets
        self.size = min(self.subset_size, len(sample), len(self.reference))
        found = kernel_distance(
            self.reference.features,
            sample.features,
            subsets=self.number,
            subset_size=self.size,
            generator=self.context.generator("kernel_distance"),
        )
        return Measurement({"kd": found.mean}, {} if all_at_once else {"kd": found.std})

    def least(self) -> tuple[int, str]:
        """Ask for subsets that differ less by chance than by what is wrong."""
        return 50, "among fewer the noise is larger than most differences"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        over = "all samples once" if self.number is None else "mean over random subsets"
        return {
            "estimator": f"unbiased squared MMD, kernel (x.y / D + 1)^3, {over}",
            "subsets": self.number,
            "subset_size": None if self.number is None else self.size,
        }
