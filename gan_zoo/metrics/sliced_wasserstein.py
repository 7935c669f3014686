"""Sliced Wasserstein distance of image patches, over batches; see `functional.sliced_wasserstein`."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_images
from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.sliced_wasserstein import SlicedWasserstein as Found
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_wasserstein


@METRICS.register("sliced_wasserstein")
class SlicedWasserstein(Metric):
    """Distance of patches of real and generated images `[B, C, H, W]`, uint8.

    The images are kept, which below 128 pixels takes less memory than their patches; for larger ones collect
    `PatchDescriptors` and call `compare_patches`.

    Args:
        patches_per_image: at each level.
        directions: random ones.
        patch_size: in pixels.
        minimum_size: of the coarsest level.
        seed: of patches and directions.
    """

    def __init__(
        self,
        patches_per_image: int = 128,
        directions: int = 512,
        patch_size: int = 7,
        minimum_size: int = 16,
        seed: int = 0,
    ) -> None:
        self.options = {
            "patches_per_image": patches_per_image,
            "directions": directions,
            "patch_size": patch_size,
            "minimum_size": minimum_size,
        }
        self.seed = seed
        super().__init__()

    def read(self, batch: Array, side: str) -> Tensor:
        """Take images."""
        return as_images(batch, side)

    def compute(self) -> Found:
        """Compare all images of both sides."""
        generator = torch.Generator().manual_seed(self.seed)
        real, fake = self.collected("real"), self.collected("fake")
        return sliced_wasserstein(real, fake, generator=generator, **self.options)
