"""This process' share of each global draw: whole packs, `rank::world`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from torch import Tensor

from gan_zoo import processes
from gan_zoo.draws import Draws


class Shares(Draws):
    """The random numbers of one process of several.

    In a turn that all processes take together, each draws the numbers of the whole batch and keeps those of
    its own packs. Outside of it a process draws for itself, as one process would: an observer that looks on
    the first process sees the same whatever the number of processes.

    Args:
        seed: the run's seed.
        rank: this process among `world` processes.
        world: number of processes.
        packs: consecutive rows that D judges together, so that one process must have all of them.
    """

    def __init__(self, seed: int, rank: int, world: int, packs: int = 1) -> None:
        super().__init__(seed, rank, world)
        self.packs = packs
        self._members = packs

    @contextmanager
    def by_packs(self) -> Iterator[None]:
        """Say that a row is a whole pack: labels, and what D's layers draw."""
        before, self._members = self._members, 1
        try:
            yield
        finally:
            self._members = before

    def _rows(self, whole: Tensor) -> Tensor:
        if processes.world() == 1:
            return whole
        if self._members == 1:
            return super()._rows(whole)
        packs = whole.unflatten(0, (-1, self._members))  # [B * world, m, ...]
        return super()._rows(packs).flatten(0, 1)

    def _global(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if processes.world() == 1 else super()._global(shape)


def by_packs(draws: Draws) -> AbstractContextManager[None]:
    """Say that the rows of what is drawn inside are whole packs, which matters where rows are shared."""
    return draws.by_packs() if isinstance(draws, Shares) else contextlib.nullcontext()
