"""What is worth seeing of a vector whose coordinates share their mean, as in VEEGAN's mixture.

Srivastava et al. 2017 (arXiv:1705.07761) and PacGAN's code (arXiv:1712.04086) have ten modes in 1200
dimensions, m 1 + [N(0, I), 0]. A network of some hundred units on the coordinates themselves finds neither
the level of a mode, which is a mean over 1200 noisy numbers, nor which coordinates are silent. The mean, the
deviations from it and their squares say both.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

GAIN = 5.0  # of the mean and its square beside the deviations, which are many
SLOWEST, FASTEST = 0.2, 50.0  # waves of the mean, radians per `scale`


class MomentFeatures(nn.Module):
    """Replaces a sample by its deviations from its mean, their squares, and the mean with waves of it.

    With u the mean over coordinates and p = u / scale: [x - u, (x - u)^2, 5 p, 5 p^2, sin(f p), cos(f p)].

    Args:
        waves: F, how many frequencies f, evenly spaced in their logarithm from .2 to 50.
        scale: of the mean, about its standard deviation over the data.
    """

    frequencies: Tensor

    def __init__(self, waves: int, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("frequencies", torch.logspace(0.0, 1.0, waves, FASTEST / SLOWEST) * SLOWEST)

    def forward(self, samples: Tensor) -> Tensor:
        """Map `[B, D]` to `[B, 2 D + 2 F + 2]`."""
        mean = samples.mean(dim=1, keepdim=True)
        deviations, level = samples - mean, mean / self.scale
        angles = level * self.frequencies.to(level.dtype)
        levels = [GAIN * level, GAIN * level.square(), angles.sin(), angles.cos()]
        return torch.cat([deviations, deviations.square(), *levels], dim=1)

    def width(self, inputs: int) -> int:
        """Return how many numbers a sample of `inputs` numbers becomes."""
        return 2 * inputs + 2 * len(self.frequencies) + 2
