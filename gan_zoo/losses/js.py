"""The original GAN loss, which estimates the Jensen-Shannon divergence.

Goodfellow et al. 2014, arXiv:1406.2661: equation 1 (minimax), section 3 (non-saturating generator).
One-sided label smoothing: Salimans et al. 2016, arXiv:1606.03498, section 3.4. With D = sigmoid(score),
`logsigmoid(score)` is log D and `logsigmoid(-score)` is log(1 - D), exact at any score.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid

from gan_zoo.errors import require_choice, require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss

VARIANTS = ("non_saturating", "minimax")


@LOSSES.register("js")
class JensenShannon(AdversarialLoss):
    """Binary cross-entropy on logits: the original GAN, non-saturating or minimax.

    Args:
        variant: `non_saturating` (G maximizes log D(fake)) or `minimax` (G minimizes log(1 - D(fake))).
        real_label: D's target for reals in (0, 1]; below 1 is one-sided label smoothing. Fakes keep 0.

    Raises:
        ValueError: for an unknown variant or a label outside (0, 1].
    """

    def __init__(self, variant: str = "non_saturating", real_label: float = 1.0) -> None:
        self.minimax = require_choice("variant", variant, VARIANTS) == "minimax"
        self.real_label = require_number("real_label", real_label, 0.0, 1.0, open_low=True)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return -a log D(real) - (1 - a) log(1 - D(real)) - log(1 - D(fake)), a = `real_label`, `[B]`."""
        on_real = self.real_label * logsigmoid(real) + (1.0 - self.real_label) * logsigmoid(-real)
        return -on_real - logsigmoid(-fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return -log D(fake), or log(1 - D(fake)) in the minimax game, `[B]`."""
        return logsigmoid(-fake) if self.minimax else -logsigmoid(fake)

    @property
    def unrolled_needs_real(self) -> bool:
        """Whether the value function, real term included, is what G minimizes after look-ahead."""
        return self.minimax

    def unrolled_generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return minus D's whole loss in the minimax game: after look-ahead D(real) depends on G too, `[B]`.

        Raises:
            ValueError: if the minimax game gets no scores of reals.
        """
        if not self.minimax:
            return self.generator(fake, real)
        if real is None:
            raise ValueError("The unrolled minimax loss contains the scores of reals; none were given.")
        return -self.discriminator(real, fake)
