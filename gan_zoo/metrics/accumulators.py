"""What a metric remembers of its batches: all rows, or the sums that mean and covariance need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional.feature_statistics import FeatureStatistics, Moments

State = Mapping[str, Tensor]


class Accumulator(Protocol):
    """Takes batches of one side; its state is a flat dict of tensors, empty before the first batch."""

    def add(self, batch: Tensor) -> None:
        """Take one batch `[B, ...]`."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Return everything it knows."""
        ...

    def load(self, states: Sequence[State]) -> None:
        """Become the sum of several states, those of all processes in order of rank, or of one."""
        ...

    def join(self, state: State) -> None:
        """Add one more state after one's own."""
        ...

    def value(self) -> Any:
        """Return what the metric's function takes, or None before the first batch."""
        ...


class Rows:
    """Keeps all rows; those of several processes are dealt in turn, as one process would have met them."""

    def __init__(self) -> None:
        self._batches: list[Tensor] = []

    def add(self, batch: Tensor) -> None:
        """Take `[B, ...]`.

        Raises:
            UserError: if its rows have another form than those before.
        """
        if self._batches and self._batches[0].shape[1:] != batch.shape[1:]:
            before, now = list(self._batches[0].shape[1:]), list(batch.shape[1:])
            raise UserError(f"Batches differ in form: samples were {before}, now they are {now}.")
        self._batches.append(batch.clone())  # the caller may write into its batch again

    def state(self) -> dict[str, Tensor]:
        """Return `rows`, `[N, ...]`."""
        rows = self.value()
        return {} if rows is None else {"rows": rows}

    def load(self, states: Sequence[State]) -> None:
        """Deal the rows of all states in turn: first rows, second rows, and so on."""
        parts = [state["rows"] for state in states if "rows" in state]
        self._batches = []
        if len(parts) == 1:
            self.add(parts[0])
        elif parts:
            turn = torch.cat([torch.arange(len(part)) for part in parts])
            for part in parts:
                self.add(part)  # checks the form
            self._batches = [torch.cat(self._batches)[turn.argsort(stable=True)]]

    def join(self, state: State) -> None:
        """Put the rows of `state` behind one's own."""
        if "rows" in state:
            self.add(state["rows"])

    def value(self) -> Tensor | None:
        """Return all rows `[N, ...]` in order."""
        if len(self._batches) > 1:
            self._batches = [torch.cat(self._batches)]
        return self._batches[0] if self._batches else None


class Statistics:
    """Keeps count, mean and scatter of features; memory does not grow with their number."""

    def __init__(self) -> None:
        self._moments: Moments | None = None

    def add(self, batch: Tensor) -> None:
        """Take `[B, D]`, float64.

        Raises:
            UserError: if its width differs from that of batches before.
        """
        self._take(Moments.of(batch))

    def _take(self, moments: Moments) -> None:
        self._moments = moments if self._moments is None else self._moments.plus(moments)

    def state(self) -> dict[str, Tensor]:
        """Return `count`, `mean` `[D]` and `scatter` `[D, D]`."""
        if self._moments is None:
            return {}
        count = torch.tensor(self._moments.count)
        return {"count": count, "mean": self._moments.mean, "scatter": self._moments.scatter}

    def load(self, states: Sequence[State]) -> None:
        """Add up all states."""
        self._moments = None
        for state in states:
            self.join(state)

    def join(self, state: State) -> None:
        """Add one more state."""
        if state:
            self._take(Moments(int(state["count"]), state["mean"], state["scatter"]))

    def value(self) -> FeatureStatistics | None:
        """Return mean and covariance.

        Raises:
            UserError: after a single sample.
        """
        return None if self._moments is None else self._moments.statistics()
