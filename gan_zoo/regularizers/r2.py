"""Zero-centered gradient penalty on fakes: gamma / 2 * ||grad D(fake)||^2, gamma being the weight.

Mescheder et al. 2018, arXiv:1801.04406, section 4.1 (R2).
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, input_gradient
from gan_zoo.types import PlayerName, Quantities


@REGULARIZERS.register("r2")
class R2(Regularizer):
    """Half the squared norm of D's gradient at fakes; the weight is the paper's gamma.

    Args:
        weight: gamma, a number or a schedule over kimg.
        interval: apply on every n-th step of D, times n.
    """

    differentiates = frozenset({"fake"})
    input_gradient = True

    def __init__(self, weight: Weight = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return ||grad D(fake)||^2 / 2, `[B]`; a pack has one gradient, over all its samples."""
        samples, score = quantities.differentiable("fake")
        return 0.5 * input_gradient(samples, score).square().sum(1)
