"""The earth mover's distance, D kept Lipschitz by a penalty.

Gulrajani et al. 2017, arXiv:1704.00028, equation 3.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gan_zoo.errors import require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss, Weight, require_weight


@LOSSES.register("wgangp")
class WassersteinGradientPenalty(AdversarialLoss):
    """Wasserstein loss with a gradient penalty on interpolates of reals and fakes.

    Args:
        weight: lambda of the penalty, a number or a schedule over kimg, at least 0.
        target: norm of the gradient that the penalty pulls towards, above 0.

    Raises:
        ValueError: for a value out of its range.
    """

    preferences = {"turns": {"critic_steps": 5}, "optimizer": {"betas": [0.0, 0.9]}}

    def __init__(self, weight: Weight = 10.0, target: float = 1.0) -> None:
        self.weight = require_weight("weight", weight)
        self.target = require_number("target", target, 0.0, open_low=True)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return fake - real, `[B]`."""
        return fake - real

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return -fake, `[B]`."""
        return -fake

    def regularizers(self) -> dict[str, dict[str, Any]]:
        """Return the gradient penalty at interpolates."""
        return {"gradient_penalty": {"weight": self.weight, "target": self.target, "at": "interpolates"}}
