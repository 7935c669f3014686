"""Minibatch discrimination: the discriminator sees how near each sample is to the others of its batch.

Salimans et al. 2016, Improved Techniques for Training GANs, arXiv:1606.03498, section 3.2:
M_i = f(x_i) T with kernels b = 1..B of length C, o(x_i)_b = sum_{j != i} exp(-||M_ib - M_jb||_1).
Their code also learns a scale and an offset per kernel, initialized from data; the layer here is the paper's.
Over several processes each row is compared with those of all of them.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_zoo import processes
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer, append_statistics, require_whole
from gan_zoo.types import DISCRIMINATOR, PlayerName


class MinibatchDiscrimination(nn.Module):
    """Appends the nearness o `[B, kernels]`; maps are flattened for it and get it as constant maps.

    Args:
        inputs: numbers per sample, C * H * W.
        kernels: how many nearnesses per sample.
        dims: length of each kernel's vector.

    Attributes:
        extra_channels: how many channels it adds, `kernels`.
    """

    def __init__(self, inputs: int, kernels: int = 100, dims: int = 5) -> None:
        super().__init__()
        self.extra_channels, self.dims = kernels, dims
        self.project = nn.Linear(inputs, kernels * dims, bias=False)
        nn.init.normal_(self.project.weight, 0.0, 1.0 / math.sqrt(inputs))  # M of the size of the features

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, C, H, W]` to `[B, C + kernels, H, W]`, or `[B, C]` to `[B, C + kernels]`."""
        with torch.autocast(x.device.type, enabled=False):  # distances in bf16 would be rounding noise
            weight = self.project.weight
            rows = F.linear(x.flatten(1).to(weight.dtype), weight).unflatten(1, (-1, self.dims))  # [B, K, D]
            others = processes.stacked(rows).flatten(0, 1)  # [B * world, K, D]
            distances = (rows[:, None] - others[None]).abs().sum(-1)  # [B, B * world, K]
            nearness = torch.exp(-distances).sum(1) - 1.0  # [B, K]; a sample's nearness to itself is exp(0)
        return append_statistics(x, nearness)


@STABILIZERS.register("minibatch_discrimination")
class MinibatchDiscriminationStabilizer(Stabilizer):
    """Shows the discriminator how near each sample is to the rest of its batch, by learned distances.

    Args:
        kernels: how many learned distances, at least 1.
        dims: length of the vectors that each compares, at least 1.

    Raises:
        ValueError: if one of them is below 1.
    """

    def __init__(self, kernels: int = 100, dims: int = 5) -> None:
        self.kernels, self.dims = require_whole("kernels", kernels, 1), require_whole("dims", dims, 1)

    def edit(self, recipe: Recipe) -> Recipe:
        """Add the layer to the discriminator."""
        return recipe.with_added(statistics=self._layer) if recipe.role == DISCRIMINATOR else recipe

    def _layer(self, channels: int, size: int) -> nn.Module:
        return MinibatchDiscrimination(channels * max(1, size) ** 2, self.kernels, self.dims)

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether the network contains the layer."""
        return any(isinstance(module, MinibatchDiscrimination) for module in network.modules())
