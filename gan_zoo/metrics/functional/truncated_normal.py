"""The standard deviation of round Gaussians that were cut at a radius, and back.

For N(0, I_D) cut at |x| <= r, the variance of each coordinate is F_{D+2}(r^2) / F_D(r^2), F_k being the
distribution function of chi-squared with k degrees of freedom, since x_i^2 times the density of chi-squared
with D degrees averages to that with D + 2.
"""

from __future__ import annotations

import torch
from torch import Tensor

WIDEST = 10.0  # from here on a cut Gaussian cannot be told from an even ball


def variance_after_truncation(radius: Tensor, dimensions: int) -> Tensor:
    """Return the variance of a coordinate of N(0, I) cut at |x| <= radius, 0..1, for each radius.

    Example:
        >>> variance_after_truncation(torch.tensor(3.0).double(), 2)
        tensor(0.9494, dtype=torch.float64)
    """
    half = radius.double().square() / 2.0
    shape = torch.full_like(half, dimensions / 2.0)
    inside = torch.special.gammainc(shape, half)
    even = 2.0 * half / (dimensions + 2.0)  # far below all mass the density is even
    return torch.where(inside > 1e-280, torch.special.gammainc(shape + 1.0, half) / inside, even)


def std_before_truncation(std: Tensor, radius: float, dimensions: int) -> Tensor:
    """Return each s for which N(0, s^2 I), cut at |x| <= radius, has the given deviation per coordinate.

    It is also the most likely s given the samples inside. The standard deviation of a ball filled evenly,
    radius / sqrt(D + 2), belongs to an infinite s; the answer is at most 10.

    Example:
        >>> std_before_truncation(torch.tensor(0.97440).double(), 3.0, 2)
        tensor(1.0000, dtype=torch.float64)
    """
    low, high = torch.zeros_like(std), torch.full_like(std, WIDEST)
    for _ in range(60):
        middle = (low + high) / 2.0
        narrow = middle * variance_after_truncation(radius / middle, dimensions).sqrt() < std
        low, high = torch.where(narrow, middle, low), torch.where(narrow, high, middle)
    return torch.where(std.isnan(), std, high)
