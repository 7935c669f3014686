"""Number of statistically different bins, over batches; the definition is in `functional.ndb`."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.bins import Bins
from gan_zoo.metrics.functional.ndb import NDB, ndb_from_counts
from gan_zoo.metrics.histograms import Sums


@METRICS.register("ndb")
class Ndb(Metric):
    """Bins of a training set that generated samples `[B, ...]` fill differently; only counts are kept.

    Args:
        bins: of the training set, from `fit_bins`.
        significance: of each bin's test.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, bins: Bins, significance: float = 0.05) -> None:
        self.bins, self.significance = bins, significance
        super().__init__()

    def read(self, batch: Array, side: str) -> Tensor:
        """Flatten samples of any form."""
        return as_float64(batch, side, None)

    def accumulator(self) -> Sums:
        """Return the counts in each bin."""
        bins = self.bins
        return Sums(lambda batch: {"counts": torch.bincount(bins.assign(batch), minlength=len(bins))})

    def compute(self) -> NDB:
        """Return what all batches show."""
        return ndb_from_counts(self.bins.counts, self.collected("fake")["counts"], self.significance)
