"""Minibatch standard deviation: one more map that says how varied a group of samples is.

Karras et al. 2018, Progressive Growing of GANs, arXiv:1710.10196, section 3. The paper takes the whole batch
as the group; the released code, followed here, groups of four.
"""

import torch
from torch import Tensor, nn

from gan_zoo import processes
from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer, append_statistics, require_whole
from gan_zoo.types import DISCRIMINATOR, PlayerName


class MinibatchStddev(nn.Module):
    """Appends mean over (C, H, W) of sqrt(variance over the group + 1e-8), one number per group.

    Args:
        group_size: samples per group, cut to the batch size; 0 is the whole batch, of all processes.

    Attributes:
        extra_channels: how many channels it adds.
    """

    extra_channels = 1

    def __init__(self, group_size: int = 4) -> None:
        super().__init__()
        self.group_size = group_size

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, C, H, W]` to `[B, C + 1, H, W]`, or `[B, C]` to `[B, C + 1]`.

        Raises:
            UserError: if B is not a multiple of the group size; over several processes no group is cut.
        """
        batch, alone = len(x), processes.world() == 1
        group = min(self.group_size or batch, batch) if alone else self.group_size or batch
        if batch % group:
            raise UserError(
                f"minibatch_stddev: a batch of {batch} cannot be cut into groups of group_size={group}. Use "
                f"a batch size that is a multiple of {group}, or stabilizer.minibatch_stddev.group_size=0 "
                "(the whole batch is one group)."
            )
        exact = x.to(torch.promote_types(x.dtype, torch.float32))  # a variance needs more than bf16's 8 bits
        groups = exact.reshape(group, batch // group, -1)  # strided: i, i + B/g, i + 2B/g ... are one group
        variance = groups.var(0, correction=0)
        if not self.group_size:
            _, variance = processes.moments(groups.mean(0), variance)
        spread = (variance + 1e-8).sqrt().mean(1)  # [B/g]
        return append_statistics(x, spread.repeat(group)[:, None])

    def extra_repr(self) -> str:
        """Say the group size when printed."""
        return f"group_size={self.group_size}"


@STABILIZERS.register("minibatch_stddev")
class MinibatchStddevStabilizer(Stabilizer):
    """Shows the discriminator how varied each group of samples is, as one more map before its last block.

    Args:
        group_size: samples per group, 2 or more, or 0 for the whole batch.

    Raises:
        ValueError: for a group of one (its deviation is constant) or a negative size.
    """

    def __init__(self, group_size: int = 4) -> None:
        self.group_size = require_whole("group_size", group_size, 0)
        if group_size == 1:
            raise ValueError("group_size: 2 or more samples, or 0 for the whole batch; got 1.")

    def edit(self, recipe: Recipe) -> Recipe:
        """Add the layer to the discriminator."""
        if recipe.role != DISCRIMINATOR:
            return recipe
        return recipe.with_added(statistics=lambda channels, size: MinibatchStddev(self.group_size))

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether the network contains the layer."""
        return any(isinstance(module, MinibatchStddev) for module in network.modules())
