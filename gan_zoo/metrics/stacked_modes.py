"""Modes of stacked digits, over batches; the definition is in `functional.stacked_modes`."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.stacked_modes import CLASSES, summarize_stacked_modes, tally_stacked_modes
from gan_zoo.metrics.functional.stacked_modes import StackedModes as Found
from gan_zoo.metrics.histograms import Sums


@METRICS.register("stacked_modes")
class StackedModes(Metric):
    """Classes seen in generated samples: `[B]`, or digit probabilities `[B, S, C]`; only a histogram is kept.

    Args:
        classes: how many there are, when classes are given.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, classes: int = CLASSES) -> None:
        self.classes = classes
        super().__init__()

    def read(self, batch: Array, side: str) -> Tensor:
        """Take classes or probabilities as they are; counting checks them."""
        return as_float64(batch, side, None)

    def accumulator(self) -> Sums:
        """Return a histogram."""
        return Sums(lambda batch: {"counts": tally_stacked_modes(batch, classes=self.classes)})

    def compute(self) -> Found:
        """Return what all batches show."""
        return summarize_stacked_modes(self.collected("fake")["counts"])
