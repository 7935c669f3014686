"""The digits that scikit-learn ships (Alpaydin and Kaynak 1998, UCI, the test part): 1,797 of 8x8 pixels.

Shown larger by one rule: levels 0..16 become 0..255, then bicubic interpolation (antialiased where it
shrinks), then clamping and rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.data.base import DATASETS, Dataset, DataSource, fingerprint
from gan_zoo.data.checks import share, whole
from gan_zoo.data.splits import split_by_content
from gan_zoo.types import DataSpec

LEVELS = 16.0  # the brightest value in the files


@DATASETS.register("digits")
@dataclass(frozen=True, kw_only=True)
class Digits(DataSource):
    """1,797 real handwritten digits from scikit-learn, no download.

    Args:
        size: height and width in pixels; 8 shows the images as they are.
        held_out: share that training never sees, chosen by a hash of the 8x8 images.
    """

    size: int = 32
    held_out: float = 0.1

    def __post_init__(self) -> None:
        whole("size", self.size, least=4)
        share("held_out", self.held_out)

    def load(self) -> Dataset:
        """Read and enlarge the digits, uint8 `[N, 1, size, size]`."""
        from sklearn.datasets import load_digits  # scikit-learn takes a second to import

        images, targets = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8)
        values = enlarge(torch.from_numpy(images).float()[:, None], self.size)  # [N, 1, size, size]
        labels = torch.from_numpy(targets).long()
        train, held_out = split_by_content(images.astype("uint8"), values, labels, self.held_out)
        spec = DataSpec("digits", (1, self.size, self.size), 10, tuple("0123456789"))
        return Dataset(spec, train, held_out, fingerprint(train))


def enlarge(levels: Tensor, size: int) -> Tensor:
    """Turn levels 0..16 `[N, 1, 8, 8]` into uint8 `[N, 1, size, size]`."""
    pixels = levels * (255.0 / LEVELS)
    if size != levels.shape[-1]:
        pixels = torch.nn.functional.interpolate(
            pixels, size=(size, size), mode="bicubic", align_corners=False, antialias=True
        )
    return pixels.round().clamp(0.0, 255.0).to(torch.uint8)
