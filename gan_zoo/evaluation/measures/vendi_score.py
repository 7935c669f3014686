"""Vendi score: the effective number of different samples (Friedman and Dieng 2023, arXiv:2210.02410)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import vendi_score


@MEASURES.register("vendi_score")
class VendiScore(Measure):
    """How many different samples there are, by the entropy of their similarities; real data give the scale.

    The mean of the reference is subtracted first: cosines of features that are all positive are all alike.

    Args:
        q: order of the entropy.
        most: samples at most; the score grows with their number.
    """

    needs = ("features",)
    quantities = {"vendi": Quantity("higher")}

    def __init__(self, q: float = 1.0, most: int = 5000) -> None:
        self.q, self.most = q, most

    def measure(self, sample: View) -> Measurement:
        """Count what is different."""
        centered = sample.features - self.reference.features.mean(dim=0)
        return Measurement({"vendi": vendi_score(centered, q=self.q)})

    def least(self) -> tuple[int, str]:
        """Ask for samples to be counted."""
        return 20, "there cannot be more different samples than samples"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "cosine kernel after subtracting the reference's mean", "q": self.q}
