"""One exchange per player and step: the mean over processes of its gradient and of the terms behind it."""

from __future__ import annotations

import torch
import torch.distributed as distributed
from torch import Tensor

from gan_zoo import processes
from gan_zoo.game.player import Player


@torch.no_grad()
def average(player: Player) -> None:
    """Average `parameter.grad` and the player's terms over processes, in place, in one flat all-reduce.

    All processes take the same turn, so the same parameters have a gradient. Numbers travel in the widest
    type among them.
    """
    tensors = [p.grad for p in player.parameters if p.grad is not None]
    tensors += [*player.values.values(), *player.noted]
    flat = torch.cat([_wide(tensor, tensors) for tensor in tensors])
    with processes.waits():
        distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
        tensor.copy_(part.view(tensor.shape))


def _wide(tensor: Tensor, tensors: list[Tensor]) -> Tensor:
    """Return a tensor as a row `[N]` in the widest type."""
    wide = torch.float64 if any(each.dtype == torch.float64 for each in tensors) else torch.float32
    return tensor.reshape(-1).to(wide)
