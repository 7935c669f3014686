"""MNIST (LeCun, Cortes and Burges 1998)."""

from __future__ import annotations

from dataclasses import dataclass

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.idx_images import IdxImages


@DATASETS.register("mnist")
@dataclass(frozen=True, kw_only=True)
class Mnist(IdxImages):
    """60,000 handwritten digits, 28x28 grey; its 10,000 test images are held out."""

    def load(self) -> Dataset:
        """Read the digits, uint8 `[N, 1, size, size]`."""
        return self.labeled("mnist", "MNIST", tuple("0123456789"))
