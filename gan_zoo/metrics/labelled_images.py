"""What metrics of generated images with labels have in common."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_images
from gan_zoo.metrics.base import Metric
from gan_zoo.metrics.labels import as_labels


class LabelledImages(Metric):
    """Keeps generated images `[B, C, H, W]`, uint8, and their labels `[B]` where there are any."""

    sides: ClassVar[tuple[str, ...]] = ("fake", "labels")

    def update(
        self, real: Array | None = None, fake: Array | None = None, labels: Array | None = None
    ) -> None:
        """Take one batch of generated images and, where it is measured per class, their labels.

        Raises:
            UserError: for values that it cannot use; then nothing is taken.
            RuntimeError: after `sync`, since other processes' samples would count twice.
        """
        self._check_not_synced("update")
        if fake is None:
            return
        images = as_images(fake, "fake")
        classes = None if labels is None else as_labels(labels, len(images))
        self.take(images, classes)

    def take(self, images: Tensor, labels: Tensor | None) -> None:
        """Remember a checked batch."""
        self._sides["fake"].add(images)
        if labels is not None:
            self._sides["labels"].add(labels)

    def labels(self) -> Tensor | None:
        """Return the labels of all images, `[N]`, None if none were given."""
        return self._sides["labels"].value()
