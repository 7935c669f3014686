"""Realism of single samples (arXiv:1904.06991, section 5) and their authenticity (arXiv:2102.08921)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import authenticity, realism


@MEASURES.register("realism")
class Realism(Measure):
    """How near samples are to real ones, and how many are no copies of the reference.

    The median realism is higher for better samples; authenticity should be that of real data, and is low for
    a generator that remembers.

    Args:
        most: samples of each kind at most.
    """

    needs = ("features",)
    quantities = {"realism": Quantity("higher"), "authenticity": Quantity("near")}
    paired = True

    def __init__(self, most: int = 5000) -> None:
        self.most = most

    def measure(self, sample: View) -> Measurement:
        """Look for the nearest real samples."""
        real, fake = self.reference.features, sample.features
        median = float(realism(real, fake).median())
        return Measurement({"realism": median, "authenticity": float(authenticity(real, fake))})

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "median realism with 3 neighbors; share farther off than the reference's own"}
