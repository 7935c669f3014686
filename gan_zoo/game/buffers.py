"""Buffers that a step which is not applied leaves as they were, chosen on the device."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class HeldBuffers:
    """All buffers of some networks, with a copy from before the turn.

    A forward in training mode moves running statistics, their counters and spectral norm's vectors, whether
    the step is then applied or not. Which buffers a network will write cannot be told from outside (batch
    norm's kernels do not even count as writing), so all are copied; buffers are small. They are joined by
    type first: one copy and one choice per type, instead of one per buffer.

    Args:
        networks: on their device; they keep these buffers, and only their values change.
    """

    def __init__(self, networks: Iterable[nn.Module]) -> None:
        buffers = {id(buffer): buffer for network in networks for buffer in network.buffers()}
        by_type: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
        for buffer in buffers.values():
            by_type.setdefault((buffer.device, buffer.dtype), []).append(_in_memory_order(buffer))
        self._groups = list(by_type.values())
        self._sizes = [[part.numel() for part in group] for group in self._groups]
        self._held: list[Tensor] = []

    def hold(self) -> None:
        """Remember all values."""
        self._held = [torch.cat(group) for group in self._groups]

    def put_back(self, skipped: Tensor) -> None:
        """Give the values of the last `hold` back where `skipped` `[]` is 1; change nothing where it is 0."""
        if not self._groups:
            return
        chooses = skipped.bool()
        for group, sizes, held in zip(self._groups, self._sizes, self._held, strict=True):
            chosen = torch.where(chooses, held, torch.cat(group))
            torch._foreach_copy_(group, chosen.split(sizes))


def _in_memory_order(buffer: Tensor) -> Tensor:
    """Return a view `[N]` of a buffer, also of one that is laid out channels last."""
    return buffer.detach().as_strided((buffer.numel(),), (1,), buffer.storage_offset())
