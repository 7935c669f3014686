"""Sliced Wasserstein distance of Laplacian pyramids: Karras et al. 2018 (PGGAN, arXiv:1710.10196), section 5.

Rabin et al. 2011 for the sliced distance. Fine levels compare texture, coarse ones layout.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_images, check_same_width
from gan_zoo.metrics.labels import fresh
from gan_zoo.metrics.patches import PatchDescriptors

UNIT = 1e3  # figures are in thousandths, as published
BLOCK_VALUES = 2**22  # projected at once, 16 MB


@dataclass(frozen=True)
class SlicedWasserstein:
    """Distances x 10^3; lower is better, and what two sets of real images reach is ideal, not 0.

    Attributes:
        levels: by size in pixels (the smaller of height and width), finest first.
        mean: over levels.
    """

    levels: dict[int, float]
    mean: float


def sliced_wasserstein(
    real: Array,
    fake: Array,
    *,
    patches_per_image: int = 128,
    directions: int = 512,
    patch_size: int = 7,
    minimum_size: int = 16,
    generator: torch.Generator | None = None,
) -> SlicedWasserstein:
    """Compare patches of real and generated images at each octave of detail.

    Both sets are turned into Laplacian pyramids of raw pixel values, from full size down to 16 pixels;
    random 7x7 patches are cut out, and each set is standardized by itself in each channel, so a change of
    brightness or contrast is not seen. The mean over random unit directions of the W1 distance along them,
    times 1000, is the figure. Real and generated image number i are cut at the same places, so equal sets
    are at distance 0. Grey images give what they would give repeated to three channels, to about 1 %.

    The published protocol is 16,384 images of each kind with the default numbers here. Patches are float32
    as in the original; means and sums are float64.

    Args:
        real: `[N, C, H, W]`, uint8.
        fake: `[N, C, H, W]`, uint8, rounded like a saved file.
        patches_per_image: at each level; fewer are faster and noisier, so state it with the figure.
        directions: random ones.
        patch_size: in pixels.
        minimum_size: of the coarsest level.
        generator: draws patches and directions; one with seed 0 when None.

    Raises:
        UserError: if the sets differ in number or form, or the images are smaller than a patch.
    """
    first, second = as_images(real, "real"), as_images(fake, "fake")
    check_same_width(first, second)
    if len(first) != len(second):
        few = min(len(first), len(second))
        raise UserError(
            "sliced_wasserstein needs equally many real and fake images, "
            f"got {len(first)} and {len(second)}. Take the first {few} of each."
        )
    seed = _seed(generator)
    options = (patches_per_image, patch_size, minimum_size, seed)
    return compare_patches(_described(first, *options), _described(second, *options), directions, seed)


def sliced_wasserstein_floor(
    real: Array,
    *,
    patches_per_image: int = 128,
    directions: int = 512,
    patch_size: int = 7,
    minimum_size: int = 16,
    generator: torch.Generator | None = None,
) -> SlicedWasserstein:
    """Return the distance between two draws of patches from the same images, the noise below every figure.

    A second set of real images has a somewhat larger one, which is the better floor where there are enough.

    Raises:
        UserError: for images smaller than a patch.
    """
    images = as_images(real, "real")
    seed = _seed(generator)
    options = (patches_per_image, patch_size, minimum_size)
    first, second = (_described(images, *options, each) for each in (seed, seed + 1))
    return compare_patches(first, second, directions, seed)


def compare_patches(
    first: PatchDescriptors, second: PatchDescriptors, directions: int = 512, seed: int = 0
) -> SlicedWasserstein:
    """Compare patches that were collected batch by batch from equally many images of each kind.

    Raises:
        UserError: if the numbers or forms of images differ.
    """
    if (first.shape, first.count, first.patches_per_image) != (
        second.shape, second.count, second.patches_per_image,
    ):  # fmt: skip
        raise UserError(
            f"Patches need equally many images of one form, got {first.count} of {list(first.shape)} and "
            f"{second.count} of {list(second.shape)}."
        )
    if directions < 1:
        raise UserError(f"directions: expected at least 1, got {directions}.")
    levels = {}
    for level in first.levels():
        patches = first.standardized(level), second.standardized(level)
        draw = Draws(seed).generator("directions", level)
        along = torch.randn(directions, patches[0].shape[1], generator=draw, dtype=torch.float64)
        along /= along.norm(dim=1, keepdim=True)
        levels[level] = UNIT * sliced_distance(*patches, along.float())
    return SlicedWasserstein(levels, sum(levels.values()) / len(levels))


def sliced_distance(first: Tensor, second: Tensor, along: Tensor) -> float:
    """Return the mean W1 distance between `[M, F]` and `[M, F]` projected on directions `[K, F]`, float32."""
    rows = max(1, BLOCK_VALUES // len(first))
    total = 0.0
    with ThreadPoolExecutor(torch.get_num_threads()) as workers:
        for block in along.split(rows):
            # One direction is one contiguous row: a column of [M, K] would be sorted through a copy.
            # NumPy, since torch may be told to multiply in bfloat16.
            left, right = (block.numpy() @ patches.numpy().T for patches in (first, second))
            total += sum(workers.map(_sorted_distance, left, right))
    return total / len(along)


def _sorted_distance(first: np.ndarray, second: np.ndarray) -> float:
    first.sort()  # in place, and without Python's lock
    second.sort()
    return float(np.abs(np.subtract(first, second, out=first), out=first).mean(dtype=np.float64))


def _described(
    images: Tensor, patches_per_image: int, patch_size: int, minimum_size: int, seed: int
) -> PatchDescriptors:
    patches = PatchDescriptors(patches_per_image, patch_size, minimum_size, seed)
    patches.add(images)
    return patches


def _seed(generator: torch.Generator | None) -> int:
    return int(torch.randint(2**62, (), generator=fresh(generator)))
