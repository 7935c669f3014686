"""Sums over the processes that compute a batch together, differentiable any number of times.

Each process has its own share of the rows, all shares of the same size, and builds the same graph. What is
differentiated is then the sum of all processes' losses, so the backward of a sum is the sum of what comes
back. torch's own differentiable collectives do the same, and are deprecated.

Outside `together`, and in a run of one process, nothing is exchanged: an observer that runs a network on the
first process alone waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor


class _State:
    """How many processes compute the current batch, and how this one gets on with the others."""

    world = 1
    waiting = False
    met = 0
    broken = False


@contextmanager
def together(world: int) -> Iterator[None]:
    """Say that what runs inside is one batch of `world` processes, all of which run it."""
    before, _State.world = _State.world, world
    try:
        yield
    finally:
        _State.world = before


def world() -> int:
    """Return how many processes compute the current batch; 1 where this one is on its own."""
    return _State.world


@contextmanager
def waits() -> Iterator[None]:
    """Say that what is inside needs all processes, so that a process that does not come can be told."""
    before, _State.waiting = _State.waiting, True
    try:
        yield
    except BaseException:
        _State.broken = True
        raise
    finally:
        _State.waiting = before
        _State.met += 1


def is_waiting() -> bool:
    """Say whether this process is in a collective operation now."""
    return _State.waiting


def met() -> int:
    """Return how often this process has met the others."""
    return _State.met


def is_broken() -> bool:
    """Say whether a collective operation has failed, so that another process must be gone."""
    return _State.broken


class _Sum(torch.autograd.Function):
    """The sum over all processes."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        """Add up, in a new tensor."""
        total = tensor.clone(memory_format=torch.contiguous_format)
        with waits():
            distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Add up what comes back to all processes."""
        return _Sum.apply(*gradients)  # type: ignore[no-any-return, no-untyped-call]


def mean(tensor: Tensor) -> Tensor:
    """Return the mean over processes, differentiable, in the shape of `tensor`."""
    if _State.world == 1:
        return tensor
    return _Sum.apply(tensor) / _State.world  # type: ignore[no-any-return, no-untyped-call]


def stacked(tensor: Tensor) -> Tensor:
    """Return what all processes hold, `[world, ...]` in the order of their ranks, differentiable.

    Each process adds its own row to zeros: a gather whose backward is a sum as well.
    """
    if _State.world == 1:
        return tensor[None]
    rank = distributed.get_rank()
    rows = [tensor if place == rank else torch.zeros_like(tensor) for place in range(_State.world)]
    return _Sum.apply(torch.stack(rows))  # type: ignore[no-any-return, no-untyped-call]


def moments(average: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance over all rows from each process' own, which are of equally many rows.

    Args:
        average: over this process' rows, of any shape.
        variance: likewise, without Bessel's correction.

    Returns:
        Both over the rows of all processes, in the same shape; squares of means would cancel.
    """
    if _State.world == 1:
        return average, variance
    averages, variances = stacked(torch.stack([average, variance])).unbind(1)  # [world, ...] each
    return averages.mean(0), variances.mean(0) + averages.var(0, correction=0)
