"""Different latents must give different samples, for the same condition.

Mao et al. 2019, arXiv:1903.05628, section 3.2, in the form of the authors' code:
1 / (mean|G(z2) - G(z1)| / mean|z2 - z1| + 1e-5), with means over the whole batch, of all processes.
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo import processes
from gan_zoo.errors import require_flag, require_number
from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, in_full_precision
from gan_zoo.types import GENERATOR, PlayerName, Quantities


@REGULARIZERS.register("mode_seeking")
class ModeSeeking(Regularizer):
    """Inverse of how far apart G maps two latents, per distance of the latents (MSGAN).

    The term is `1 / eps` where G ignores its latent, so it may dwarf every other term early on.

    Args:
        weight: lambda, a number or a schedule over kimg.
        interval: apply on every n-th step of G, times n.
        per_pair: use the mean over pairs of d(z1, z2) / (d(x1, x2) + eps), not one ratio of batch means.
        eps: keeps the term finite, above 0.
        cap: largest value of the term, above 0, or None. Beyond it value and gradient shrink by the same
            factor, as in gradient clipping, so that a nearly collapsed generator is still driven apart.

    Raises:
        ValueError: for a value out of its range.
    """

    players = (GENERATOR,)
    latent_pairs = True

    def __init__(
        self, weight: Weight = 1.0, interval: int = 1, per_pair: bool = False, eps: float = 1e-5,
        cap: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(weight, interval)
        self.per_pair = require_flag("per_pair", per_pair)
        self.eps = require_number("eps", eps, 0.0, open_low=True)
        self.cap = None if cap is None else require_number("cap", cap, 0.0, open_low=True)
        self.coupled = not self.per_pair

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return the term: one number, or `[B]` where `per_pair`."""
        between_samples = pair_distances(quantities["fake"])
        between_latents = pair_distances(quantities["latents"])
        if self.per_pair:
            term = between_latents / (between_samples + self.eps)
        else:
            apart, distance = (processes.mean(each.mean()) for each in (between_samples, between_latents))
            term = 1.0 / (apart / distance + self.eps)
        if self.cap is not None:
            term = term * (self.cap / term.detach()).clamp(max=1.0)
        return term


def pair_distances(rows: Tensor) -> Tensor:
    """Return the mean absolute difference between each row of the first half and its partner, `[B]`."""
    first, second = in_full_precision(rows).chunk(2)
    return (second - first).abs().flatten(1).mean(1)
