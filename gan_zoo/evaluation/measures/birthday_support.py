"""Support size by the birthday paradox (Arora and Zhang 2017, arXiv:1706.08224)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import birthday_support
from gan_zoo.metrics.functional.birthday_support import SPARE, usual_sizes


@MEASURES.register("birthday_support")
class BirthdaySupport(Measure):
    """How many batches hold near-duplicates, and how large a support would do the same.

    The threshold of a near-duplicate is one that few batches of real samples reach. The support is given
    where half of the batches of some size hold a duplicate; else it is larger than can be told.

    Args:
        repeats: batches of each size.
        quantile: share of real batches below the threshold.
    """

    needs = ("features",)
    quantities = {"birthday_rate": Quantity("near"), "birthday_support": Quantity("higher")}

    def __init__(self, repeats: int = 20, quantile: float = 0.05) -> None:
        self.repeats, self.quantile = repeats, quantile

    def measure(self, sample: View) -> Measurement:
        """Look for near-duplicates."""
        self.sizes = usual_sizes(len(sample), len(self.reference))
        found = birthday_support(
            sample.features,
            self.reference.features,
            sizes=self.sizes,
            repeats=self.repeats,
            quantile=self.quantile,
            generator=self.context.generator("birthday_support"),
        )
        numbers = {"birthday_rate": found.fake[self.sizes[-1]].rate}
        support = float("nan") if found.support is None else found.support
        return Measurement({**numbers, "birthday_support": support}, detail=found)

    def least(self) -> tuple[int, str]:
        """Ask for batches of five, drawn from four times as many."""
        return 5 * SPARE, "batches of nearly all samples are all alike"

    def warnings(self, sample: View, found: Measurement) -> list[str]:
        """Tell of an upper bound."""
        if not found.detail.at_most:
            return []
        value = found.numbers["birthday_support"]
        smallest = f"batches of {self.sizes[0]} hold near-duplicates already"
        return [f"birthday_support is {value:.1f} at most: {smallest}."]

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "rate of batches of the largest size with a near-duplicate; support "
            "s^2 / (2 log 2), no more than an upper bound where the smallest size has one",
            "sizes": list(self.sizes),
            "repeats": self.repeats,
            "quantile": self.quantile,
        }
