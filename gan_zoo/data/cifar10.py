"""CIFAR-10 (Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset, DataSource, Samples, fingerprint
from gan_zoo.data.checks import flag, whole
from gan_zoo.data.download import fetched
from gan_zoo.data.pictures import ImageRules, to_pixels
from gan_zoo.types import DataSpec

SIDE = 32


@DATASETS.register("cifar10")
@dataclass(frozen=True, kw_only=True)
class Cifar10(DataSource):
    """50,000 color photos of ten kinds of things, 32x32; its 10,000 test images are held out.

    Args:
        root: folder that holds torchvision's `cifar-10-batches-py`.
        download: whether to fetch missing files.
        size: 32 keeps the images, any other size is bicubic.
    """

    root: str = "data"
    download: bool = True
    size: int = SIDE

    def __post_init__(self) -> None:
        flag("download", self.download)
        whole("size", self.size, least=4)

    def load(self) -> Dataset:
        """Read the photos, uint8 `[N, 3, size, size]`."""
        from torchvision.datasets import CIFAR10

        def make(train: bool) -> CIFAR10:
            return fetched(
                "cifar10",
                self.root,
                self.download,
                lambda root, download: CIFAR10(root, train, download=download),
            )

        photos = make(train=True)
        train, test = self._samples(photos), self._samples(make(train=False))
        spec = DataSpec("cifar10", (3, self.size, self.size), len(photos.classes), tuple(photos.classes))
        return Dataset(spec, train, test, fingerprint(train))

    def _samples(self, split: object) -> Samples:
        images: np.ndarray = split.data  # type: ignore[attr-defined]  # [N, 32, 32, 3]
        values = images.transpose(0, 3, 1, 2)
        if self.size != SIDE:
            rules = ImageRules((self.size, self.size))
            values = np.stack([to_pixels(Image.fromarray(image), rules) for image in images])
        labels = torch.tensor(split.targets)  # type: ignore[attr-defined]
        return Samples(torch.from_numpy(np.ascontiguousarray(values)), labels.long())
