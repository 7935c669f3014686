"""What metrics that count have in common: shares, their distance from uniform, sums over batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from gan_zoo.errors import UserError

State = Mapping[str, Tensor]


def shares(counts: Tensor) -> Tensor:
    """Return counts `[K]` divided by their sum, float64; zeros stay zeros."""
    return counts.double() / counts.sum().clamp(min=1).double()


def divergence_to_uniform(counts: Tensor) -> float:
    """Return KL(histogram || uniform) = log K - entropy of counts `[K]`, in nats, 0..log K.

    Without any count it is log K, as bad as everything in one place.

    Example:
        >>> round(divergence_to_uniform(torch.tensor([5, 5, 0, 0])), 6)
        0.693147
    """
    share = shares(counts)
    entropy = -torch.special.xlogy(share, share).sum().item()
    return max(0.0, math.log(len(counts)) - entropy)


class Sums:
    """Keeps the sums of what `measure` makes of each batch; its state has one tensor per quantity.

    Args:
        measure: takes a batch `[B, ...]` and returns tensors that add up over batches.
    """

    def __init__(self, measure: Callable[[Tensor], dict[str, Tensor]]) -> None:
        self._measure = measure
        self._sums: dict[str, Tensor] = {}

    def add(self, batch: Tensor) -> None:
        """Measure `[B, ...]` and add it."""
        self.join(self._measure(batch))

    def state(self) -> dict[str, Tensor]:
        """Return the sums, nothing before the first batch."""
        return dict(self._sums)

    def load(self, states: Sequence[State]) -> None:
        """Add up all states."""
        self._sums = {}
        for state in states:
            self.join(state)

    def join(self, state: State) -> None:
        """Add one more state.

        Raises:
            UserError: if its sums have another form.
        """
        for name, value in state.items():
            before = self._sums.get(name)
            if before is not None and before.shape != value.shape:
                form = f"{name} was {list(before.shape)}, now it is {list(value.shape)}"
                raise UserError(f"Batches differ in form: {form}.")
            self._sums[name] = value.clone() if before is None else before + value

    def value(self) -> dict[str, Tensor] | None:
        """Return the sums, None before the first batch."""
        return dict(self._sums) or None
