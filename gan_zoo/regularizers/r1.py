"""Zero-centered gradient penalty on reals: gamma / 2 * ||grad D(real)||^2, gamma being the weight.

Mescheder et al. 2018, arXiv:1801.04406, equation 9.
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, input_gradient
from gan_zoo.types import PlayerName, Quantities


@REGULARIZERS.register("r1")
class R1(Regularizer):
    """Half the squared norm of D's gradient at reals; the weight is the paper's gamma.

    Args:
        weight: gamma, a number or a schedule over kimg.
        interval: apply on every n-th step of D, times n.
    """

    differentiates = frozenset({"real"})
    input_gradient = True

    def __init__(self, weight: Weight = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return ||grad D(real)||^2 / 2, `[B]`; a pack has one gradient, over all its samples."""
        samples, score = quantities.differentiable("real")
        return 0.5 * input_gradient(samples, score).square().sum(1)
