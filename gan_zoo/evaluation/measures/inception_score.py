"""Inception score of a classifier's probabilities (Salimans 2016, arXiv:1606.03498)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import inception_score


@MEASURES.register("inception_score")
class InceptionScore(Measure):
    """Whether a classifier is sure of each sample and sees all classes; higher is better.

    It cannot see what is lost inside a class.

    Args:
        splits: parts of the samples that the mean is over.
    """

    needs = ("probabilities",)
    quantities = {"cs": Quantity("higher")}
    published_n = 50_000
    published = {"splits": 10}

    def __init__(self, splits: int = 10) -> None:
        self.splits = splits

    def measure(self, sample: View) -> Measurement:
        """Score each split."""
        found = inception_score(sample.probabilities, splits=self.splits)
        return Measurement({"cs": found.mean}, {"cs": found.std})

    def least(self) -> tuple[int, str]:
        """Ask for ten samples in each split."""
        return 10 * self.splits, f"each of {self.splits} splits needs 10; type inception_score.splits=1"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "mean over splits, population standard deviation", "splits": self.splits}
