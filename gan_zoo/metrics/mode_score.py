"""Mode score over batches; the definition is in `functional.mode_score`."""

from __future__ import annotations

from torch import Tensor

from gan_zoo.metrics.arrays import Array
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.mode_score import mode_score
from gan_zoo.metrics.probabilities import as_probabilities


@METRICS.register("mode_score")
class ModeScore(Metric):
    """How surely samples are classified, and whether as often as real ones; higher is better.

    It takes class probabilities of both sides.
    """

    def read(self, batch: Array, side: str) -> Tensor:
        """Check class probabilities `[B, K]`."""
        return as_probabilities(batch, side)

    def compute(self) -> float:
        """Return the score; the number of classes at best."""
        return mode_score(self.collected("fake"), self.collected("real"))
