"""Real scores kept near zero, where a loss only sees differences.

Karras et al. 2018, arXiv:1710.10196, appendix A.1: epsilon_drift * E[D(real)^2].
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight
from gan_zoo.types import PlayerName, Quantities


@REGULARIZERS.register("drift")
class Drift(Regularizer):
    """Squared score of reals, so that a Wasserstein critic does not drift away from zero.

    Args:
        weight: epsilon_drift, a number or a schedule over kimg.
        interval: apply on every n-th step of D, times n.
    """

    def __init__(self, weight: Weight = 0.001, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return D(real)^2, `[B]`."""
        return quantities["real_score"].square()
