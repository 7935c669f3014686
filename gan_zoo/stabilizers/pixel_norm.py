"""Pixel normalization: every pixel's feature vector gets unit mean square.

Karras et al. 2018, Progressive Growing of GANs, arXiv:1710.10196, section 4.2:
b = a / sqrt(mean_c(a_c^2) + 1e-8).
"""

import torch
from torch import Tensor, nn

from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer
from gan_zoo.types import GENERATOR, PlayerName


class PixelNorm(nn.Module):
    """Divides `[B, C, ...]` by the root mean square over C; in float32 also where x has fewer bits."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalize `[B, C, H, W]` at each pixel, or `[B, C]`; type and strides stay."""
        exact = x.to(torch.promote_types(x.dtype, torch.float32))
        return (exact * torch.rsqrt(exact.square().mean(1, keepdim=True) + 1e-8)).to(x.dtype)


@STABILIZERS.register("pixel_norm")
class PixelNormStabilizer(Stabilizer):
    """Normalizes the generator's features at each pixel after each hidden activation, and the latents."""

    def edit(self, recipe: Recipe) -> Recipe:
        """Add the layer after the generator's activations and on its latents."""
        return recipe.with_added(epilogue=PixelNorm, latent=PixelNorm) if recipe.role == GENERATOR else recipe

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether the network contains the layer."""
        return any(isinstance(module, PixelNorm) for module in network.modules())
