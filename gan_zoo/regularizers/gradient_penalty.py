"""D's slope held at a target norm t, by lambda / t^2 * (||grad D|| - t)^2.

At interpolates: Gulrajani et al. 2017, arXiv:1704.00028, equation 3; with a target: Karras et al. 2018,
arXiv:1710.10196. At noisy reals: Kodali et al. 2017, arXiv:1705.07215, algorithm 1, with the constants of the
authors' code.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo import processes
from gan_zoo.errors import require_choice, require_flag, require_number
from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, input_gradient
from gan_zoo.types import PlayerName, Quantities

PLACES = ("interpolates", "noisy_reals", "reals")


@REGULARIZERS.register("gradient_penalty")
class GradientPenalty(Regularizer):
    """Squared distance of the norm of D's input gradient from a target, sample by sample.

    Args:
        weight: lambda, a number or a schedule over kimg.
        interval: apply on every n-th step of D, times n.
        target: norm t, above 0; the term is divided by t^2.
        at: where the gradient is taken: `interpolates` of reals and fakes, `noisy_reals`, or `reals`.
        one_sided: penalize only norms above the target.

    Raises:
        ValueError: for a value out of its range.
    """

    input_gradient = True

    def __init__(
        self, weight: Weight = 10.0, interval: int = 1, target: float = 1.0, at: str = "interpolates",
        one_sided: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(weight, interval)
        self.target = require_number("target", target, 0.0, open_low=True)
        self.at = require_choice("at", at, PLACES)
        self.one_sided = require_flag("one_sided", one_sided)
        self.differentiates = frozenset({"real"}) if self.at == "reals" else frozenset()

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return (||g|| - t)^2 / t^2, `[B]`; a pack has one gradient, over all its samples."""
        if self.at == "reals":
            samples, score = quantities.differentiable("real")
        else:
            place = interpolates if self.at == "interpolates" else noisy_reals
            samples, labels = place(quantities)
            if not samples.requires_grad:  # in look-ahead the fakes carry G's graph, which must be kept
                samples.requires_grad_()
            score = quantities.differentiable_score(samples, labels)
        excess = gradient_norm(input_gradient(samples, score)) / self.target - 1.0
        if self.one_sided:
            excess = excess.relu()
        return excess.square()


def interpolates(quantities: Quantities) -> tuple[Tensor, Tensor | None]:
    """Return `real + u * (fake - real)`, one u ~ U[0, 1) per sample or pack, and the labels of the reals.

    Where there are more fakes than reals (latent pairs), the reals are repeated.
    """
    real, fake, labels = quantities["real"].detach(), quantities["fake"], quantities["labels"]
    if len(fake) > len(real):
        copies = len(fake) // len(real)
        real = real.repeat(copies, *[1] * (real.dim() - 1))
        labels = None if labels is None else labels.repeat(copies)
    return real + share(quantities, real) * (fake - real), labels


def noisy_reals(quantities: Quantities) -> tuple[Tensor, Tensor | None]:
    """Return `real + alpha * delta` and the labels; alpha ~ U[0, 1) per sample or pack.

    delta is half the batch's standard deviation (over all its numbers, of all processes) times U[0, 1), drawn
    for each number.
    """
    real = quantities["real"].detach()
    packed = (len(real) // quantities.packs, quantities.packs, *real.shape[1:])
    uniform = quantities.uniform(packed, "gradient_penalty/noise").flatten(0, 1).to(real.dtype)
    delta = 0.5 * _deviation(real) * uniform
    return real + share(quantities, real) * delta, quantities["labels"]


def _deviation(samples: Tensor) -> Tensor:
    """Return the standard deviation of all numbers of the batch, over all processes, `[]`."""
    if processes.world() == 1:
        return samples.std(correction=0)
    return processes.moments(samples.mean(), samples.var(correction=0))[1].sqrt()


def share(quantities: Quantities, samples: Tensor) -> Tensor:
    """Draw U[0, 1), one number per row of `samples`, `[m*B, 1, ...]`, the same for all samples of a pack."""
    packs = len(samples) // quantities.packs
    uniform = quantities.uniform((packs,), "gradient_penalty/share").to(samples.dtype)
    return uniform.repeat_interleave(quantities.packs).reshape(-1, *[1] * (samples.dim() - 1))


def gradient_norm(gradient: Tensor) -> Tensor:
    """Return the L2 norm of each row `[B]`, exact, and differentiable any number of times also at 0.

    torch's own norm has NaN as second derivative at 0, which look-ahead steps would meet; an epsilon inside
    the root would move the minimum.
    """
    squares = gradient.square().sum(1)
    positive = squares > 0.0
    return torch.where(positive, squares, 1.0).sqrt() * positive
