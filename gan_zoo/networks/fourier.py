"""Random Fourier features: Tancik et al. 2020 (arXiv:2006.10739), section 4.

A fully connected network is slow to learn what varies fast; beside waves of many frequencies it sees narrow
modes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class FourierFeatures(nn.Module):
    """Appends the sine and cosine of fixed random projections, pi s W x with W from N(0, 1).

    Args:
        width: D of the samples.
        count: F, how many projections.
        scale: s, standard deviation of the frequencies, in half periods per unit.
    """

    frequencies: Tensor

    def __init__(self, width: int, count: int, scale: float) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.randn(width, count) * (math.pi * scale))

    def forward(self, samples: Tensor) -> Tensor:
        """Map `[B, D]` to `[B, D + 2F]`: the samples, sines, cosines."""
        angles = samples @ self.frequencies.to(samples.dtype)
        return torch.cat([samples, angles.sin(), angles.cos()], dim=1)
