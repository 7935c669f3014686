"""Relativistic pairing with zero-centered penalties on both sides, the loss of R3GAN.

Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441, section 2, with
f(t) = -log(1 + exp(-t)). softplus(t) is written `-logsigmoid(-t)`, which is exact at any t.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import logsigmoid

from gan_zoo.losses.base import LOSSES, AdversarialLoss, Weight, require_weight


@LOSSES.register("relativistic")
class Relativistic(AdversarialLoss):
    """Relativistic pairing loss (RpGAN): a real against a fake, with R1 and R2 on the critic.

    Args:
        gamma: weight of R1 and of R2 (half the squared gradient norm), a number or a schedule over kimg, at
            least 0.

    Raises:
        ValueError: if gamma is negative.
    """

    generator_needs_real = True

    def __init__(self, gamma: Weight = 1.0) -> None:
        self.gamma = require_weight("gamma", gamma)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return softplus(fake - real), `[B]`."""
        return -logsigmoid(real - fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return softplus(real - fake), `[B]`.

        Raises:
            ValueError: if the scores of reals are missing.
        """
        if real is None:
            raise ValueError("The relativistic generator loss needs the scores of reals; none were given.")
        return -logsigmoid(fake - real)

    def regularizers(self) -> dict[str, dict[str, Any]]:
        """Return R1 and R2: without both the relativistic game need not converge."""
        return {"r1": {"weight": self.gamma}, "r2": {"weight": self.gamma}}
