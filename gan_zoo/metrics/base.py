"""What a metric over batches is: it remembers, adds up over processes, and computes one function."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.accumulators import Accumulator, Rows
from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.registry import Registry


class Metric(ABC):
    """A function of `gan_zoo.metrics.functional` over samples that come in batches.

    The result does not depend on how the samples were cut into batches, nor on which process saw them.
    A metric holds no network and no parameter; it takes features, probabilities or images that an extractor
    gave.

    Attributes:
        sides: which of `real` and `fake` it looks at; what it does not look at is ignored.
    """

    sides: ClassVar[tuple[str, ...]] = ("real", "fake")

    def __init__(self) -> None:
        self.reset()

    def accumulator(self) -> Accumulator:
        """Return what remembers the batches of one side: all rows, unless a metric needs less."""
        return Rows()

    def read(self, batch: Array, side: str) -> Tensor:
        """Check one batch: features `[B, D]`, unless a metric takes something else.

        Raises:
            UserError: for values that it cannot use.
        """
        return as_float64(batch, side)

    @abstractmethod
    def compute(self) -> Any:
        """Return the result over everything since the last reset.

        Raises:
            UserError: if there are too few samples, or those of both sides do not fit together.
        """

    def update(self, real: Array | None = None, fake: Array | None = None) -> None:
        """Take one batch of either side, or one of each; their sizes may differ.

        Raises:
            UserError: for values that it cannot use.
            RuntimeError: after `sync`, since other processes' samples would count twice.
        """
        self._check_not_synced("update")
        pairs = {"real": real, "fake": fake}
        given = {side: batch for side, batch in pairs.items() if side in self.sides and batch is not None}
        batches = {side: self.read(batch, side) for side, batch in given.items()}
        for side, batch in batches.items():
            self._sides[side].add(batch)

    def collected(self, side: str) -> Any:
        """Return what one side has collected.

        Raises:
            UserError: if it has seen no batch.
        """
        value = self._sides[side].value()
        if value is None:
            raise UserError(f"There are no {side} samples yet: call update({side}=...) before compute().")
        return value

    def merge(self, other: Self) -> None:
        """Take over what another metric of the same class has seen; its samples come after one's own.

        Raises:
            TypeError: for another class.
        """
        if type(other) is not type(self):
            raise TypeError(f"{type(self).__name__} cannot merge a {type(other).__name__}.")
        self._check_not_synced("merge")
        for side in self.sides:
            self._sides[side].join(other._sides[side].state())

    def reset(self) -> None:
        """Forget everything."""
        self._sides = {side: self.accumulator() for side in self.sides}
        self._synced = False

    def state(self) -> dict[str, Tensor]:
        """Return everything it knows as a flat dict of tensors, such as `real/rows`."""
        states = {side: self._sides[side].state() for side in self.sides}
        return {f"{side}/{key}": value for side in self.sides for key, value in states[side].items()}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Become what `state` was taken from."""
        self._load([state])
        self._synced = False

    def sync(self) -> None:
        """Make every process know what all processes know; without torch.distributed nothing changes.

        Every process must call it, or all wait for ever.

        Raises:
            RuntimeError: when called a second time without `reset`.
        """
        self._check_not_synced("sync")
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            states: list[Any] = [None] * torch.distributed.get_world_size()
            torch.distributed.all_gather_object(states, self.state())
            self._load(states)
            self._synced = True

    def _load(self, states: Sequence[Mapping[str, Tensor]]) -> None:
        for side in self.sides:
            start = f"{side}/"
            parts = [
                {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
                for state in states
            ]
            self._sides[side].load(parts)

    def _check_not_synced(self, action: str) -> None:
        if self._synced:
            raise RuntimeError(f"{action} after sync would count samples twice; call reset() first.")


METRICS: Registry[Metric] = Registry("metric")
