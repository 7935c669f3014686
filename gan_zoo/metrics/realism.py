"""Realism of each sample, over batches; the definition is in `functional.realism`."""

from __future__ import annotations

from torch import Tensor

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.realism import realism


@METRICS.register("realism")
class Realism(Metric):
    """How near each fake is to real samples; higher is better.

    Args:
        neighbors: k, a ball reaches to the k-th nearest neighbor.
    """

    def __init__(self, neighbors: int = 3) -> None:
        self.neighbors = neighbors
        super().__init__()

    def compute(self) -> Tensor:
        """Return the realism of all fakes in order, `[N]`; at least 1 within some ball."""
        return realism(self.collected("real"), self.collected("fake"), self.neighbors)
