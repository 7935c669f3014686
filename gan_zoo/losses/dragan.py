"""The original GAN loss with a gradient penalty around the data.

Kodali et al. 2017, arXiv:1705.07215, algorithm 1.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import logsigmoid

from gan_zoo.errors import require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss, Weight, require_weight


@LOSSES.register("dragan")
class Dragan(AdversarialLoss):
    """Non-saturating GAN loss with a gradient penalty at noisy reals.

    Args:
        weight: lambda of the penalty, a number or a schedule over kimg, at least 0.
        target: norm of the gradient that the penalty pulls towards (the paper's k), above 0.

    Raises:
        ValueError: for a value out of its range.
    """

    def __init__(self, weight: Weight = 10.0, target: float = 1.0) -> None:
        self.weight = require_weight("weight", weight)
        self.target = require_number("target", target, 0.0, open_low=True)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return -log D(real) - log(1 - D(fake)), `[B]`."""
        return -logsigmoid(real) - logsigmoid(-fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return -log D(fake), `[B]`."""
        return -logsigmoid(fake)

    def regularizers(self) -> dict[str, dict[str, Any]]:
        """Return the gradient penalty at noisy reals."""
        return {"gradient_penalty": {"weight": self.weight, "target": self.target, "at": "noisy_reals"}}
