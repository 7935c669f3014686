"""Hinge loss on scores.

Lim and Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, equations 16-17.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import relu

from gan_zoo.losses.base import LOSSES, AdversarialLoss


@LOSSES.register("hinge")
class Hinge(AdversarialLoss):
    """Hinge loss: D stops pushing scores that are beyond a margin of 1."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return max(0, 1 - real) + max(0, 1 + fake), `[B]`."""
        return relu(1.0 - real) + relu(1.0 + fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return -fake, `[B]`."""
        return -fake
