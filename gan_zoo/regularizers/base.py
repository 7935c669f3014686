"""What a regularizer is: one more term of a player's loss, with a weight over kimg and an interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.registry import Registry
from gan_zoo.schedule import as_schedule
from gan_zoo.types import DISCRIMINATOR, PlayerName, Quantities

Weight = float | Mapping[str, Any]


class Regularizer:
    """A term of a player's loss; the game multiplies by weight and interval, reduces and logs.

    Args:
        weight: factor, a number or a schedule over kimg.
        interval: apply on every n-th committed step of the player, times n (lazy regularization).

    Attributes:
        players: who minimizes it.
        differentiates: which samples must require grad before D sees them.
        input_gradient: whether it differentiates D with respect to its input (so batch norm in D is refused).
        coupled: whether it returns one number for the whole batch instead of one per sample.
        latent_pairs: whether it needs two latents per condition, halves of a batch of 2B fakes.
        needs_real: whether it needs reals in the generator's turn.
        needs_labels: whether it needs a labeled data set.
    """

    players: ClassVar[tuple[PlayerName, ...]] = (DISCRIMINATOR,)
    differentiates: frozenset[Literal["real", "fake"]] = frozenset()
    input_gradient: ClassVar[bool] = False
    coupled: bool = False
    latent_pairs: ClassVar[bool] = False
    needs_real: ClassVar[bool] = False
    needs_labels: ClassVar[bool] = False

    def __init__(self, weight: Weight = 1.0, interval: int = 1) -> None:
        if isinstance(interval, bool) or not isinstance(interval, int) or interval < 1:
            raise UserError(f"interval: a whole number of the player's steps, at least 1; got {interval!r}.")
        self.weight = as_schedule(weight)
        self.interval = interval

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return the unweighted term, `[B]`, or one number where `coupled`."""
        raise NotImplementedError


def input_gradient(samples: Tensor, score: Tensor) -> Tensor:
    """Return the gradient of each score with respect to its samples, flattened, `[B, N]`, differentiable.

    With packing the m*B samples of B scores are flattened together, pack by pack.
    """
    (gradient,) = torch.autograd.grad(score.sum(), samples, create_graph=True)
    return gradient.reshape(len(score), -1)


def in_full_precision(tensor: Tensor) -> Tensor:
    """Return half-precision values as float32; float32 and float64 stay what they are."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


REGULARIZERS: Registry[Regularizer] = Registry("regularizer")
