"""Laplacian pyramids: Burt and Adelson 1983, equations 1 to 8, with binomial weights and mirrored borders."""

from __future__ import annotations

import torch
from torch import Tensor

BINOMIAL = (1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0)


def laplacian_pyramid(images: Tensor, minimum_size: int) -> list[Tensor]:
    """Split images into what each octave of detail adds, finest first; the last level is what remains.

    Args:
        images: `[N, C, H, W]`, floating point.
        minimum_size: no level has fewer rows or columns, unless the images have.
    """
    levels = []
    while (min(images.shape[-2:]) + 1) // 2 >= minimum_size:
        height, width = images.shape[-2:]
        coarse = _apply(reduction(height), images, reduction(width))
        levels.append(images - _apply(expansion(height), coarse, expansion(width)))
        images = coarse
    return [*levels, images]


def _apply(rows: Tensor, images: Tensor, columns: Tensor) -> Tensor:
    """Filter along both axes; band matrices in batches beat convolutions on the CPU."""
    return rows.to(images.dtype) @ images @ columns.to(images.dtype).T


def reduction(length: int) -> Tensor:
    """Return the matrix that blurs and keeps every second sample, `[ceil(length / 2), length]`, float64."""
    return _blur(length)[::2]


def expansion(length: int) -> Tensor:
    """Return the matrix that puts zeros between samples and blurs, `[length, ceil(length / 2)]`, float64."""
    return 2.0 * _blur(length)[:, ::2]


def _blur(length: int) -> Tensor:
    """Return the blur as a matrix `[length, length]`; borders are mirrored without repeating a sample."""
    places = torch.arange(length)[:, None] + torch.arange(-2, 3)
    period = max(1, 2 * (length - 1))
    places = places.remainder(period)
    places = torch.minimum(places, period - places)
    weights = torch.tensor(BINOMIAL, dtype=torch.float64).expand(length, -1)
    return torch.zeros(length, length, dtype=torch.float64).scatter_add_(1, places, weights)
