"""Sliced Wasserstein distance between patches of a Laplacian pyramid (Karras 2018, arXiv:1710.10196)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import sliced_wasserstein

PATCHES, DIRECTIONS, IMAGES = 128, 512, 16_384  # per image, in all, and of each kind, in PGGAN's protocol


@MEASURES.register("sliced_wasserstein")
class SlicedWasserstein(Measure):
    """How the patches of images differ, large scales (small levels) for layout, small ones for texture.

    Lower is better, times 1000; the floor is far from 0.

    Args:
        patches_per_image: 128 in the paper.
        directions: 512 in the paper.
        most: images of each kind at most; 16384 in the paper.
    """

    needs = ("images",)
    quantities = {"swd": Quantity("lower")}
    paired = True

    def __init__(self, patches_per_image: int = 16, directions: int = 512, most: int = 4096) -> None:
        self.patches_per_image, self.directions, self.most = patches_per_image, directions, most

    def measure(self, sample: View) -> Measurement:
        """Compare patches at each level."""
        self.images = len(sample)
        found = sliced_wasserstein(
            self.reference.values,
            sample.values,
            patches_per_image=self.patches_per_image,
            directions=self.directions,
            generator=self.context.generator("sliced_wasserstein"),
        )
        levels = {f"swd/{size}": value for size, value in found.levels.items()}
        return Measurement({**levels, "swd/mean": found.mean})

    def least(self) -> tuple[int, str]:
        """Ask for patches of more than a few images."""
        return 10, "patches of few images are alike whatever they show"

    def protocol(self) -> dict[str, Any]:
        """Say how, and what is published."""
        return {
            "estimator": "7x7 patches, both sets standardized by themselves, mean |sorted difference| x 1000",
            "patches_per_image": self.patches_per_image,
            "directions": self.directions,
            "patches": f"{self.patches_per_image} per image (published {PATCHES}), {self.directions} "
            f"directions (published {DIRECTIONS}), {self.images} images (published {IMAGES})",
        }
