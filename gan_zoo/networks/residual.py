"""Residual blocks with pre-activation that change the size (Miyato et al. 2018, arXiv:1802.05957, figure 8).

A convolution of 1x1 commutes with repeating pixels and with averaging them, so the shortcuts run it on the
smaller map: the same numbers for a quarter of the work.
"""

from __future__ import annotations

from torch import Tensor, nn

from gan_zoo.networks.layers import downsample, upsample
from gan_zoo.networks.stages import hidden_stage, needs_bias
from gan_zoo.recipe import Recipe


class UpBlock(nn.Module):
    """Norm, activation, upsampling, convolution, norm, activation, convolution, plus a shortcut.

    Args:
        recipe: makes the layers.
        inputs: channels that arrive.
        outputs: channels that leave.
        classes: number of classes of a conditional batch norm, 0 for a plain one.
    """

    def __init__(self, recipe: Recipe, inputs: int, outputs: int, classes: int = 0) -> None:
        super().__init__()
        self.before = hidden_stage(recipe, nn.Identity(), inputs, classes)
        first = recipe.conv(inputs, outputs, 3, bias=needs_bias(recipe))
        self.between = hidden_stage(recipe, first, outputs, classes)
        self.after = recipe.conv(outputs, outputs, 3)
        self.shortcut = recipe.conv(inputs, outputs, 1, gain=1.0)

    def forward(self, x: Tensor, vectors: Tensor | None = None) -> Tensor:
        """Map `[B, inputs, H, W]` to `[B, outputs, 2H, 2W]`."""
        residual = self.after(self.between(upsample(self.before(x, vectors)), vectors))
        return residual + upsample(self.shortcut(x))


class DownBlock(nn.Module):
    """Activation, convolution, activation, convolution, average pool, plus a shortcut.

    Args:
        recipe: makes the layers.
        inputs: channels that arrive, and of the hidden map.
        outputs: channels that leave.
        halves: whether the size is halved; the shortcut is the identity if nothing changes.
    """

    def __init__(self, recipe: Recipe, inputs: int, outputs: int, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        self.before = recipe.hidden(nn.Identity(), inputs)
        self.between = recipe.hidden(recipe.conv(inputs, inputs, 3, bias=needs_bias(recipe)), inputs)
        self.after = recipe.conv(inputs, outputs, 3)
        learned = halves or inputs != outputs
        self.shortcut = recipe.conv(inputs, outputs, 1, gain=1.0) if learned else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, inputs, H, W]` to `[B, outputs, H/2, W/2]`, or `[B, outputs, H, W]`."""
        residual = self.after(self.between(self.before(x)))
        if not self.halves:
            return residual + self.shortcut(x)
        return downsample(residual) + self.shortcut(downsample(x))


class FirstDownBlock(nn.Module):
    """The block that meets the image: no activation and no norm before or between its parts' inputs.

    Args:
        recipe: makes the layers.
        inputs: channels of the image.
        outputs: channels that leave.
    """

    def __init__(self, recipe: Recipe, inputs: int, outputs: int) -> None:
        super().__init__()
        self.before = recipe.hidden(recipe.conv(inputs, outputs, 3), outputs, normalized=False)
        self.after = recipe.conv(outputs, outputs, 3)
        self.shortcut = recipe.conv(inputs, outputs, 1, gain=1.0)

    def forward(self, images: Tensor) -> Tensor:
        """Map `[B, inputs, H, W]` to `[B, outputs, H/2, W/2]`."""
        return downsample(self.after(self.before(images))) + self.shortcut(downsample(images))
