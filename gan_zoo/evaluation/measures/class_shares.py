"""What a classifier makes of the samples: how often each class comes, and whether it is the one asked for."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gan_zoo.evaluation.measures.base import MEASURES, PER_CLASS, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import jensen_shannon_divergence

MISSING = 0.1  # a class is missing below this share of its real share


@MEASURES.register("class_shares")
class ClassShares(Measure):
    """How class shares differ from real ones, how many classes are missing, and whether labels are obeyed.

    Missing is a class with less than a tenth of its share in the reference. Divergence in nats; lower is
    better. Accuracy exists where samples carry labels and the extractor's classes are those of the data;
    higher is better.
    """

    needs = ("probabilities",)
    quantities = {
        "class_jsd": Quantity("lower", 0.0, shows="collapse"),
        "classes_missing": Quantity("lower", 0.0, shows="collapse"),
        "class_accuracy": Quantity("higher", 1.0),
    }
    fast = True

    def fit(self, reference: View, context: Context) -> None:
        """Count the classes of the reference."""
        super().fit(reference, context)
        self.real = _shares(reference.probabilities)

    def measure(self, sample: View) -> Measurement:
        """Count the classes of the samples, as the classifier sees them."""
        shares = _shares(sample.probabilities)
        missing = (shares < MISSING * self.real).sum()
        numbers = {
            "class_jsd": jensen_shannon_divergence(self.real, shares),
            "classes_missing": float(missing),
        }
        if not self.context.knows_classes:  # no class of the data has these counts, or can be right
            return Measurement(numbers)
        counts = (shares * len(sample)).round()
        by_class = {"predicted_count": [float(count) for count in counts]}
        if sample.labels is not None:
            right = (sample.probabilities.argmax(dim=1) == sample.labels).double()
            numbers["class_accuracy"] = float(right.mean())
            by_class["accuracy"] = _means(right, sample.labels, len(shares))
        return Measurement(numbers, by_class=by_class)

    def least(self) -> tuple[int, str]:
        """Ask for some of each class."""
        return PER_CLASS * len(self.real), f"shares of classes need {PER_CLASS} samples for each"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "most probable class of each sample; divergence to the reference's shares, nats",
            "classes": "of the data" if self.context.knows_classes else "of the extractor, not of the data",
        }


def _shares(probabilities: Tensor) -> Tensor:
    """Return the share of samples whose most probable class is each, `[K]`."""
    counts = torch.bincount(probabilities.argmax(dim=1), minlength=probabilities.shape[1])
    return counts.double() / len(probabilities)


def _means(values: Tensor, labels: Tensor, classes: int) -> list[float]:
    """Return the mean of `values` `[N]` in each class, NaN for classes without samples."""
    members = [values[labels == index] for index in range(classes)]
    return [float(found.mean()) if len(found) else math.nan for found in members]
