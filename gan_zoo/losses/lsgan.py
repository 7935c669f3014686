"""Least squares on scores.

Mao et al. 2017, arXiv:1611.04076, equation 2; its b, a, c are the real, fake and generator targets.
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo.errors import require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss


@LOSSES.register("lsgan")
class LeastSquares(AdversarialLoss):
    """Least-squares GAN: both players pull scores towards named targets.

    Args:
        real_target: where D wants the scores of reals.
        fake_target: where D wants the scores of fakes; below `real_target`.
        generator_target: where G wants the scores of fakes; above `fake_target`.

    Raises:
        ValueError: if a target is no finite number, or the order of the targets turns a player around.
    """

    def __init__(
        self, real_target: float = 1.0, fake_target: float = 0.0, generator_target: float = 1.0
    ) -> None:
        self.real_target = require_number("real_target", real_target)
        self.fake_target = require_number("fake_target", fake_target)
        self.generator_target = require_number("generator_target", generator_target)
        if min(self.real_target, self.generator_target) <= self.fake_target:
            raise ValueError(
                f"real_target={real_target} and generator_target={generator_target} must be above "
                f"fake_target={fake_target}; the paper uses (1, 0, 1) and (1, -1, 0)."
            )

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return (real - real_target)^2 / 2 + (fake - fake_target)^2 / 2, `[B]`."""
        return 0.5 * (real - self.real_target).square() + 0.5 * (fake - self.fake_target).square()

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return (fake - generator_target)^2 / 2, `[B]`."""
        return 0.5 * (fake - self.generator_target).square()
