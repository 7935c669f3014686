"""Means of logged values since the last look, kept on the device until somebody looks."""

from __future__ import annotations

import torch
from torch import Tensor


class Window:
    """Collects detached numbers without a host synchronization; `flush` makes the only transfer."""

    def __init__(self) -> None:
        self._values: dict[str, list[Tensor]] = {}

    def add(self, name: str, value: Tensor) -> None:
        """Remember one value `[]`."""
        self._values.setdefault(name, []).append(value.detach())

    def flush(self) -> dict[str, float]:
        """Return the mean of each name since the last flush, and start anew."""
        if not self._values:
            return {}
        means = torch.stack([torch.stack(values).float().mean() for values in self._values.values()])
        names, self._values = list(self._values), {}
        return dict(zip(names, means.tolist(), strict=True))
