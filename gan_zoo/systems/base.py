"""What a system is: methods marked as quantities, each computed once per turn from a context."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_zoo.types import PlayerName, Stage


class Turn(Protocol):
    """What a quantity may use: other quantities, and the networks."""

    differentiates: frozenset[str]
    mixed_precision: bool
    packs: int
    stage: Stage | None
    levels: tuple[int, ...]

    def __getitem__(self, name: str) -> Any:
        """Return a leaf or a quantity."""
        ...

    def generate(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Run the generator."""
        ...

    def judge(self, samples: Tensor, labels: Tensor | None, tag: str, eager: bool = False) -> Any:
        """Show samples to the discriminator, as it sees them; `eager` runs it uncompiled in float32."""
        ...


def full_precision(x: Tensor) -> Tensor:
    """Return `x` in float32 if it came out of a network under autocast, else as it is."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


Quantity = Callable[[Any, Turn], Any]


def quantity(method: Quantity) -> Quantity:
    """Mark a method as a named quantity of the system."""
    method.is_quantity = True  # type: ignore[attr-defined]
    return method


class System:
    """Names the quantities of one kind of game."""

    players: tuple[PlayerName, ...]

    @cached_property
    def quantities(self) -> dict[str, Callable[[Turn], Any]]:
        """The quantities by name."""
        names = [name for name in dir(type(self)) if getattr(getattr(type(self), name), "is_quantity", False)]
        return {name: getattr(self, name) for name in names}
