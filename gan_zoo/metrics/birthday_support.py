"""Support size by the birthday paradox, over batches; the definition is in `functional.birthday_support`."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.birthday_support import BirthdaySupport as Found
from gan_zoo.metrics.functional.birthday_support import birthday_support


@METRICS.register("birthday_support")
class BirthdaySupport(Metric):
    """Near-duplicates among generated features or pixels `[B, D]`, beside those among real ones.

    Args:
        sizes: of the batches that are searched; those that there are enough samples for when None.
        repeats: batches of each size.
        quantile: share of real batches that may hold a near-duplicate.
        seed: of the batches.
    """

    def __init__(
        self,
        sizes: Sequence[int] | None = None,
        repeats: int = 20,
        quantile: float = 0.05,
        seed: int = 0,
    ) -> None:
        self.sizes, self.repeats, self.quantile, self.seed = sizes, repeats, quantile, seed
        super().__init__()

    def compute(self) -> Found:
        """Search batches of all samples."""
        generator = torch.Generator().manual_seed(self.seed)
        return birthday_support(
            self.collected("fake"),
            self.collected("real"),
            sizes=self.sizes,
            repeats=self.repeats,
            quantile=self.quantile,
            generator=generator,
        )
