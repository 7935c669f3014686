"""Hidden stages of generators, whose batch norm may take its scale and shift from the class.

Conditional batch norm: de Vries et al. 2017, arXiv:1707.00683, section 3.1; in GANs Miyato, Koyama 2018,
arXiv:1802.05637, section 5.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_zoo.processes.batch_norm import batch_norm
from gan_zoo.recipe import Recipe

CANCELS_BIAS = ("batch", "instance")  # they subtract each channel's mean


class ConditionalBatchNorm(nn.Module):
    """Batch norm with one scale and shift per class and channel, starting at 1 and 0.

    The tables are affine parameters of a norm and not layers, so no weight transform touches them.
    """

    takes_classes = True

    def __init__(self, channels: int, classes: int, dims: int = 2) -> None:
        super().__init__()
        self.norm = batch_norm(channels, dims, affine=False)
        self.scale = nn.Parameter(torch.ones(classes, channels))
        self.shift = nn.Parameter(torch.zeros(classes, channels))

    def forward(self, x: Tensor, vectors: Tensor) -> Tensor:
        """Normalize `[B, C, ...]`, then scale and shift by class vectors `[B, classes]`."""
        scale, shift = vectors @ self.scale, vectors @ self.shift  # [B, C]
        if x.dim() == 4:
            scale, shift = scale[:, :, None, None], shift[:, :, None, None]
        normalized = self.norm(x)
        return torch.addcmul(shift.to(normalized.dtype), normalized, scale.to(normalized.dtype))


class Stage(nn.Sequential):
    """Layers in order, of which some look at the class."""

    takes_classes = True

    def forward(self, x: Tensor, vectors: Tensor | None = None) -> Tensor:
        """Run the layers on `[B, ...]`; `vectors` are the class vectors `[B, classes]`."""
        for layer in self:
            x = layer(x, vectors) if getattr(layer, "takes_classes", False) else layer(x)
        return x


def hidden_stage(
    recipe: Recipe, layer: nn.Module, channels: int, classes: int = 0, dims: int = 2, normalized: bool = True
) -> Stage:
    """Make layer, normalization, activation and epilogues, by class where `classes` is not 0."""
    if not classes or not normalized:
        return Stage(*recipe.hidden(layer, channels, dims, normalized))
    first, *rest = recipe.hidden(layer, channels, dims, normalized=False)
    return Stage(first, ConditionalBatchNorm(channels, classes, dims), *rest)


def needs_bias(recipe: Recipe) -> bool:
    """Say whether a bias before this recipe's normalization has any effect."""
    return recipe.normalization not in CANCELS_BIAS


def scatter_norms(network: nn.Module, recipe: Recipe) -> None:
    """Draw batch norm's scales from N(1, 0.02) where weights are N(0, 0.02), as DCGAN's code does."""
    if recipe.initialization != "normal_0.02":
        return
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module.affine:
            nn.init.normal_(module.weight, 1.0, 0.02)
