"""Inception score over batches; the definition is in `functional.inception_score`."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_zoo.metrics.arrays import Array
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.inception_score import InceptionScore as Result
from gan_zoo.metrics.functional.inception_score import inception_score
from gan_zoo.metrics.probabilities import as_probabilities


@METRICS.register("inception_score")
class InceptionScore(Metric):
    """How surely samples are classified, and how evenly; higher is better. It takes class probabilities.

    With several splits the result depends on the order of samples a little, as the paper's does.

    Args:
        splits: parts of the samples that are scored apart.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, splits: int = 10) -> None:
        self.splits = splits
        super().__init__()

    def read(self, batch: Array, side: str) -> Tensor:
        """Check class probabilities `[B, K]`."""
        return as_probabilities(batch, side)

    def compute(self) -> Result:
        """Return mean and standard deviation over splits; the number of classes at best."""
        return inception_score(self.collected("fake"), self.splits)
