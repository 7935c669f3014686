"""Diversity by LPIPS, the learned perceptual distance of Zhang et al. 2018 (arXiv:1801.03924)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_images
from gan_zoo.metrics.labels import as_labels, pairs_by_class, random_pairs
from gan_zoo.metrics.learned_similarity import SMALLEST, LearnedSimilarity

BATCH = 64


def lpips_diversity(
    images: Array,
    trunk: Path | str | None,
    pairs: int,
    labels: Array | None = None,
    generator: torch.Generator | None = None,
    *,
    canonical: bool = True,
) -> float:
    """Return the mean LPIPS distance (AlexNet, version 0.1) of random pairs of different images.

    Higher means more diverse; the same figure on real images is ideal, and more than theirs is often noise.
    Its heads were fitted to 64x64 patches: on 32x32 it says little.

    Args:
        images: `[N, C, H, W]`, uint8, C 1 or 3, at least 32x32.
        trunk: path of torchvision's `alexnet-owt-7be5be79.pth`; there is no default and no download.
        pairs: how many; in each class when there are labels.
        labels: `[N]`, class or condition; when given, pairs share one, and classes count the same.
        generator: draws the pairs; seed 0 when None.
        canonical: refuse other weights. With other weights the figure must not be called LPIPS.

    Raises:
        UserError: without the trunk, or for images that are too few or too small.
    """
    given = as_images(images, "images")
    _, channels, height, width = given.shape
    if channels not in (1, 3) or min(height, width) < SMALLEST:
        form = f"[{channels}, {height}, {width}]"
        raise UserError(f"lpips needs grey or color images of at least {SMALLEST}x{SMALLEST}, got {form}.")
    network = LearnedSimilarity(trunk, canonical)
    if labels is None:
        return _mean_distance(network, given, random_pairs(len(given), pairs, generator))
    classes = pairs_by_class(as_labels(labels, len(given)), pairs, generator).values()
    return sum(_mean_distance(network, given, chosen) for chosen in classes) / len(classes)


def _mean_distance(network: LearnedSimilarity, images: Tensor, pairs: Tensor) -> float:
    found = [network(images[block[:, 0]], images[block[:, 1]]) for block in pairs.split(BATCH)]
    return torch.cat(found).mean().item()
