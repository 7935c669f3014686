"""Support size by the birthday paradox (Arora and Zhang 2017, arXiv:1706.08224)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import birthday_support

# Small ones too: with 25 as the smallest, a single point would seem to have a support of 450.
SIZES = (2, 5, 10, 25, 50, 100, 200, 400)
SPARE = 4  # samples to draw from, per member of a batch: batches of nearly all samples would all be alike


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
        # Half of the real samples set the threshold, the others are the control.
        most = max(2, min(len(sample), len(self.reference) // 2) // SPARE)
        self.sizes = [size for size in SIZES if size <= most] or [most]
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

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "rate of batches of the largest size with a near-duplicate; support s^2 / (2 log 2)",
            "sizes": list(self.sizes),
            "repeats": self.repeats,
            "quantile": self.quantile,
        }
