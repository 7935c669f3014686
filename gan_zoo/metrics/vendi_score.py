"""Vendi score over batches; the definition is in `functional.vendi_score`."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_zoo.metrics.arrays import FINITE, Array, as_float64
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.vendi_score import vendi_score


@METRICS.register("vendi_score")
class VendiScore(Metric):
    """How many different samples there are in effect; higher is better, real samples give the scale.

    Args:
        q: order of the entropy, at least 0.
    """

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def __init__(self, q: float = 1.0) -> None:
        self.q = q
        super().__init__()

    def read(self, batch: Array, side: str) -> Tensor:
        """Take features of any scale."""
        return as_float64(batch, side, largest=FINITE)

    def compute(self) -> float:
        """Return the effective number, from 1 to the number of samples."""
        return vendi_score(self.collected("fake"), self.q)
