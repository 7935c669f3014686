"""Smoothness along latent paths, over batches; the definition is in `functional.latent_smoothness`."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_zoo.metrics.arrays import Array
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.latent_smoothness import LatentSmoothness as Found
from gan_zoo.metrics.functional.latent_smoothness import path_jumps, summarize_jumps


@METRICS.register("latent_smoothness")
class LatentSmoothness(Metric):
    """How evenly features change along latent paths `[P, S, D]`; two numbers per path are kept."""

    sides: ClassVar[tuple[str, ...]] = ("fake",)

    def read(self, batch: Array, side: str) -> Tensor:
        """Return the largest and the mean jump of each path, `[P, 2]`."""
        return path_jumps(batch)

    def compute(self) -> Found:
        """Return what all paths show."""
        return summarize_jumps(self.collected("fake"))
