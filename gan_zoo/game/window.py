"""Means of logged values since the last look, kept on the device until somebody looks."""

from __future__ import annotations

from collections.abc import Mapping

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

    def state_dict(self) -> dict[str, Tensor]:
        """Return all values since the last look, `[N]` by name."""
        return {name: torch.stack(values) for name, values in self._values.items()}

    def load_state_dict(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        """Go on from values that `state_dict` returned, on the device where the next ones will be."""
        self._values = {name: list(values.to(device).unbind()) for name, values in state.items()}
