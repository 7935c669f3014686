"""Mode score: the inception score, lowered where class shares differ from real ones (arXiv:1612.02136)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, PER_CLASS, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import mode_score


@MEASURES.register("mode_score")
class ModeScore(Measure):
    """Inception score times exp(-KL) of generated against real class shares; higher is better."""

    needs = ("probabilities",)
    quantities = {"mode_score": Quantity("higher")}

    def measure(self, sample: View) -> Measurement:
        """Compare class shares with those of the reference."""
        return Measurement({"mode_score": mode_score(sample.probabilities, self.reference.probabilities)})

    def least(self) -> tuple[int, str]:
        """Ask for some of each class."""
        return PER_CLASS * self.reference.probabilities.shape[
            1
        ], f"shares of classes need {PER_CLASS} samples for each"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "exp(E KL(p(y|x) || p_fake(y)) - KL(p_fake(y) || p_real(y))), one split"}
