"""Discriminability by resolution, over batches; the definition is in `functional.discriminability`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from gan_zoo.metrics.base import METRICS
from gan_zoo.metrics.functional.discriminability import Classifier, count_right
from gan_zoo.metrics.histograms import Sums
from gan_zoo.metrics.labelled_images import LabelledImages
from gan_zoo.metrics.labels import as_labels


@METRICS.register("discriminability")
class Discriminability(LabelledImages):
    """Accuracy of a fixed classifier on generated images and their labels; only counts are kept.

    Args:
        classify: takes uint8 images `[B, C, H, W]`, returns logits or probabilities `[B, K]`.
        resolutions: heights in pixels; the usual ones when None.
    """

    def __init__(self, classify: Classifier, resolutions: Sequence[int] | None = None) -> None:
        self.classify, self.resolutions = classify, resolutions
        super().__init__()

    def accumulator(self) -> Sums:
        """Return right answers and images by resolution."""
        return Sums(lambda counts: {"counts": counts})

    def take(self, images: Tensor, labels: Tensor | None) -> None:
        """Classify a batch.

        Raises:
            UserError: without labels.
        """
        right = count_right(images, as_labels(labels, len(images)), self.classify, self.resolutions)
        for height, count in right.items():
            self._sides["fake"].join({f"{height}": torch.tensor([count, len(images)])})

    def compute(self) -> dict[int, float]:
        """Return the accuracy by resolution."""
        counts = self.collected("fake")
        return {int(height): int(right) / int(seen) for height, (right, seen) in counts.items()}
