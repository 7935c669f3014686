"""Smoothness along latent paths, the check of Odena et al. 2017 (ACGAN, arXiv:1610.09585) as a number.

A generator that memorized its training set jumps from one image to the next where a path between two latents
crosses a border, and stands still elsewhere; one that generalizes moves evenly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64

STILL = 1e-6  # of the largest value: less is rounding, not movement


@dataclass(frozen=True)
class LatentSmoothness:
    """How evenly samples change along paths of S points; 1 is ideal, S - 1 is a single jump.

    Attributes:
        mean: over paths, of the largest jump over the mean jump; lower is better.
        worst: the largest over paths.
        still: share of paths along which nothing changes, a collapsed generator's; they are not in the two
            above, which are NaN if all paths are still.
    """

    mean: float
    worst: float
    still: float


def latent_smoothness(paths: Array) -> LatentSmoothness:
    """Compare the largest jump along each path with its mean jump.

    The ratio grows with S: compare equal S only. Features and pixels are both possible; jumps are Euclidean.

    Args:
        paths: `[P, S, D]`, features of the samples at S latents in a row, equally far apart, for P paths.

    Raises:
        UserError: for paths of fewer than 3 points.

    Example:
        >>> latent_smoothness(torch.tensor([[[0.0], [1.0], [2.0]], [[0.0], [0.0], [5.0]]]))
        LatentSmoothness(mean=1.5, worst=2.0, still=0.0)
    """
    return summarize_jumps(path_jumps(paths))


def path_jumps(paths: Array) -> Tensor:
    """Return the largest and the mean jump of each path, `[P, 2]`, both 0 where it stands still.

    Raises:
        UserError: for paths of fewer than 3 points.
    """
    values = as_float64(paths, "paths", 3)
    if values.shape[1] < 3:
        raise UserError(f"paths: smoothness needs paths of at least 3 points, got {values.shape[1]}.")
    lengths = values.diff(dim=1).norm(dim=2)  # [P, S - 1]
    jumps = torch.stack([lengths.amax(1), lengths.mean(1)], dim=1)
    moves = jumps[:, 0] > STILL * values.flatten(1).abs().amax(1)
    return jumps * moves[:, None]


def summarize_jumps(jumps: Tensor) -> LatentSmoothness:
    """Turn the jumps `[P, 2]` of `path_jumps` into the metric."""
    moving = jumps[jumps[:, 0] > 0]
    still = 1.0 - len(moving) / len(jumps)
    if len(moving) == 0:
        return LatentSmoothness(math.nan, math.nan, still)
    ratios = moving[:, 0] / moving[:, 1]
    return LatentSmoothness(ratios.mean().item(), ratios.max().item(), still)
