"""Discriminability by resolution: Odena et al. 2017 (ACGAN, arXiv:1610.09585), section 4.1.

Images are made smaller, then as large as before, and classified. If a model's fine detail carried meaning,
accuracy would rise up to the full resolution, as it does on real images; a curve that is flat above r adds
none there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_images
from gan_zoo.metrics.labels import as_labels

Classifier = Callable[[Tensor], Tensor]
BATCH = 500


def discriminability(
    images: Array, labels: Array | None, classify: Classifier, resolutions: Sequence[int] | None = None
) -> dict[int, float]:
    """Return the share of images that a fixed classifier puts into their class, by resolution.

    Higher is better, up to what real images reach with the same classifier: report both. At the full
    resolution nothing is resized, and it is plain accuracy. Resizing is bilinear, antialiased, rounded to
    uint8.

    Args:
        images: `[N, C, H, W]`, uint8.
        labels: `[N]`, the class that each image was generated for.
        classify: takes uint8 images `[B, C, H, W]`, returns logits or probabilities `[B, K]`.
        resolutions: heights in pixels; powers of two from 16 (from H / 4 below 32), and H, when None.

    Raises:
        UserError: without labels, or for resolutions that the images do not have.
    """
    given = as_images(images, "images")
    right = count_right(given, as_labels(labels, len(given)), classify, resolutions)
    return {resolution: count / len(given) for resolution, count in right.items()}


@torch.no_grad()
def count_right(
    images: Tensor, labels: Tensor, classify: Classifier, resolutions: Sequence[int] | None = None
) -> dict[int, int]:
    """Return how many images are classified rightly, by resolution; those of batches add up.

    Raises:
        UserError: for resolutions that the images do not have.
    """
    heights = usual_resolutions(images.shape[2]) if resolutions is None else tuple(resolutions)
    if not heights or not all(1 <= height <= images.shape[2] for height in heights):
        raise UserError(
            f"resolutions: expected heights in 1..{images.shape[2]}, that of the images, got {list(heights)}."
        )
    right = dict.fromkeys(sorted(heights), 0)
    for height in right:
        for batch, target in zip(images.split(BATCH), labels.split(BATCH), strict=True):
            predicted = classify(at_resolution(batch, height)).argmax(1).cpu()
            right[height] += int((predicted == target).sum())
    return right


def usual_resolutions(height: int) -> tuple[int, ...]:
    """Return the powers of two from 16 up to `height` (from a quarter of it below 32), and `height`.

    Example:
        >>> usual_resolutions(128), usual_resolutions(28), usual_resolutions(8)
        ((16, 32, 64, 128), (7, 14, 28), (2, 4, 8))
    """
    resolutions = [16]
    if height < 32:
        return tuple(sorted({max(1, height // 4), max(1, height // 2), height}))
    while resolutions[-1] < height:
        resolutions.append(min(2 * resolutions[-1], height))
    return tuple(resolutions)


def at_resolution(images: Tensor, height: int) -> Tensor:
    """Return uint8 images of the same size with the detail of `height` pixels; at their own unchanged."""
    full = (images.shape[2], images.shape[3])
    if height == full[0]:
        return images
    small = (height, max(1, round(full[1] * height / full[0])))
    values = images.float()
    for size in (small, full):
        values = F.interpolate(values, size=size, mode="bilinear", align_corners=False, antialias=True)
    return values.round().clamp(0.0, 255.0).to(torch.uint8)
