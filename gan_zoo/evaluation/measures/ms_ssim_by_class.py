"""MS-SSIM within each class, against the least diverse real class (arXiv:1610.09585, section 4.2)."""

from __future__ import annotations

import math
from typing import Any

import torch

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import ms_ssim_by_class
from gan_zoo.metrics.functional.ms_ssim import share_of_collapsed_classes


@MEASURES.register("ms_ssim_by_class")
class MsSsimByClass(Measure):
    """Share of classes more alike than the least diverse real class; lower is better.

    It is a share of the classes that can be measured. One without samples is not diverse either; a warning
    tells of it.

    Args:
        pairs: of images in each class; 100 in the paper.
    """

    needs = ("images", "labels")
    quantities = {"collapsed_classes": Quantity("lower", 0.0)}

    def __init__(self, pairs: int = 100) -> None:
        self.pairs = pairs

    def fit(self, reference: View, context: Context) -> None:
        """Find the least diverse real class."""
        super().fit(reference, context)
        self.real = self._by_class(reference)
        self.threshold = max(self.real.values(), default=math.nan)

    def measure(self, sample: View) -> Measurement:
        """Compare each class with it; classes with fewer than two samples are left out."""
        found = self.measure_floor(sample)
        self.measured = _measured(found)
        return found

    def measure_floor(self, sample: View) -> Measurement:
        """Compare classes of real samples."""
        found = self._by_class(sample)
        share = share_of_collapsed_classes(found, self.real)
        listed = [found.get(index, math.nan) for index in range(self.context.classes)]
        return Measurement({"collapsed_classes": share}, by_class={"ms_ssim": listed})

    def measure_ceiling(self, sample: View) -> Measurement:
        """Compare classes of collapsed samples."""
        return self.measure_floor(sample)

    def warnings(self, sample: View, found: Measurement) -> list[str]:
        """Tell of classes that are left out."""
        missing = self.context.classes - _measured(found)
        if not missing:
            return []
        return [
            f"ms_ssim_by_class: collapsed_classes is a share of {_measured(found)} of {self.context.classes} "
            f"classes; {missing} of them have fewer than 2 generated samples, which is no diversity at all."
        ]

    def _by_class(self, view: View) -> dict[int, float]:
        assert view.labels is not None
        values, labels = view.values, view.labels
        counts = torch.bincount(labels, minlength=self.context.classes)
        enough = counts[labels] >= 2  # a pair needs two
        if not enough.any():
            return {}
        draws = self.context.generator("ms_ssim_by_class")
        return ms_ssim_by_class(values[enough], labels[enough], self.pairs, generator=draws)

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "share of classes above the largest mean MS-SSIM of a class of the reference",
            "pairs_per_class": self.pairs,
            "classes": self.context.classes,
            "classes_measured": self.measured,
            "threshold": None if math.isnan(self.threshold) else self.threshold,
        }


def _measured(found: Measurement) -> int:
    """Return how many classes have a value."""
    return sum(not math.isnan(value) for value in found.by_class["ms_ssim"])
