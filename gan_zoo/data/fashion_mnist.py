"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747)."""

from __future__ import annotations

from dataclasses import dataclass

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.idx_images import IdxImages

CLASSES = (
    "t-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


@DATASETS.register("fashion_mnist")
@dataclass(frozen=True, kw_only=True)
class FashionMnist(IdxImages):
    """60,000 pictures of clothes, 28x28 grey; its 10,000 test images are held out."""

    def load(self) -> Dataset:
        """Read the pictures, uint8 `[N, 1, size, size]`."""
        return self.labeled("fashion_mnist", "FashionMNIST", CLASSES)
