"""Diversity by LPIPS, over batches; the definition is in `functional.lpips`."""

from __future__ import annotations

from pathlib import Path

import torch

from gan_zoo.metrics.base import METRICS
from gan_zoo.metrics.functional.lpips import lpips_diversity
from gan_zoo.metrics.labelled_images import LabelledImages
from gan_zoo.metrics.learned_similarity import find_trunk


@METRICS.register("lpips")
class Lpips(LabelledImages):
    """Mean LPIPS distance of random pairs of generated images, within classes where labels are given.

    Args:
        trunk: path of AlexNet's weights; there is no download.
        pairs: how many; in each class when there are labels.
        seed: of the pairs.
        canonical: refuse other weights than the published ones.

    Raises:
        UserError: without the file.
    """

    def __init__(
        self, trunk: Path | str | None = None, pairs: int = 1000, seed: int = 0, canonical: bool = True
    ) -> None:
        self.trunk, self.pairs, self.seed, self.canonical = find_trunk(trunk), pairs, seed, canonical
        super().__init__()

    def compute(self) -> float:
        """Return the mean over pairs, with labels over classes."""
        generator = torch.Generator().manual_seed(self.seed)
        images, labels = self.collected("fake"), self.labels()
        return lpips_diversity(images, self.trunk, self.pairs, labels, generator, canonical=self.canonical)
