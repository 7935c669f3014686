"""Stacked digits: how many of the 1000 triples appear, and how evenly (Metz 2017, arXiv:1611.02163)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.extractors.stacked_classifier import StackedClassifier
from gan_zoo.metrics.functional import stacked_modes

CLASSES = 1000


@MEASURES.register("stacked_modes")
class StackedModes(Measure):
    """Triples of digits that a classifier sees at least once, at least twice, and their divergence from even.

    Published figures are of 26,000 samples, where real data have a divergence of .019.
    """

    needs = ("images", "probabilities")
    quantities = {
        "stacked_modes": Quantity("higher", 1000.0),
        "stacked_modes_twice": Quantity("higher", 1000.0),
        "stacked_kl": Quantity("lower", 0.0),
    }
    compares = False

    def unfit(self, context: Context) -> str | None:
        """Refuse everything but stacked digits."""
        if not isinstance(context.extractor, StackedClassifier) or context.extractor.classes != CLASSES:
            return "it counts triples of digits; use data=stacked_mnist and extractor=stacked_classifier"
        return super().unfit(context)

    def measure(self, sample: View) -> Measurement:
        """Count triples."""
        found = stacked_modes(sample.probabilities.argmax(dim=1))
        return Measurement(
            {
                "stacked_modes": float(found.modes),
                "stacked_modes_twice": float(found.modes_twice),
                "stacked_kl": found.kl,
            }
        )

    def least(self) -> tuple[int, str]:
        """Ask for as many as there are triples."""
        return CLASSES, f"{CLASSES} modes cannot be seen in fewer"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "most probable digit of each channel; KL(histogram || uniform), nats"}
