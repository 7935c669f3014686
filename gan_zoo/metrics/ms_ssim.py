"""Diversity by MS-SSIM, over batches; the definition is in `functional.ms_ssim`."""

from __future__ import annotations

import torch

from gan_zoo.metrics.base import METRICS
from gan_zoo.metrics.functional.ms_ssim import ms_ssim_by_class, ms_ssim_diversity
from gan_zoo.metrics.labelled_images import LabelledImages


@METRICS.register("ms_ssim")
class MsSsim(LabelledImages):
    """Mean similarity of random pairs of generated images, within classes where labels are given.

    Args:
        pairs: how many; in each class when there are labels.
        seed: of the pairs.
    """

    def __init__(self, pairs: int = 10_000, seed: int = 0) -> None:
        self.pairs, self.seed = pairs, seed
        super().__init__()

    def compute(self) -> float:
        """Return the mean over pairs, with labels over classes."""
        return ms_ssim_diversity(self.collected("fake"), self.pairs, self.labels(), self._generator())

    def by_class(self) -> dict[int, float]:
        """Return the mean over pairs of each class.

        Raises:
            UserError: without labels.
        """
        return ms_ssim_by_class(self.collected("fake"), self.labels(), self.pairs, self._generator())

    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed)
