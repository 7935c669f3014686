"""Equalized learning rate: weights N(0, 1), scaled by He's constant when they are used.

Karras et al. 2018, Progressive Growing of GANs, arXiv:1710.10196, section 4.1: the weight that acts is
w * gain / sqrt(fan_in), w ~ N(0, 1). Optimizers that normalize the gradient's size (Adam) then change every
layer equally fast. Biases are not scaled.
"""

import math
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.utils import parametrize

from gan_zoo.recipe import Recipe, fan_in
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer, checked_players
from gan_zoo.types import DISCRIMINATOR, GENERATOR, PlayerName


class EqualizedScale(nn.Module):
    """Multiplies a weight by a fixed number.

    Args:
        scale: gain / sqrt(fan_in), positive.
    """

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight that acts, from the one that is learned."""
        return weight * self.scale

    def right_inverse(self, weight: Tensor) -> Tensor:
        """Return what must be learned for `weight` to act, so that `layer.weight = weight` works."""
        return weight / self.scale

    def extra_repr(self) -> str:
        """Say the scale when printed."""
        return f"scale={self.scale:.4g}"


def equalize(layer: nn.Module, gain: float) -> nn.Module:
    """Make a layer's weight N(0, 1) scaled by `gain / sqrt(fan_in)` at run time, and its bias zero."""
    scale = gain / math.sqrt(fan_in(layer))
    parametrize.register_parametrization(layer, "weight", EqualizedScale(scale))
    for parameter in layer.parameters():
        if parameter is layer.bias:
            nn.init.zeros_(parameter)
        else:
            nn.init.normal_(parameter)
    return layer


@STABILIZERS.register("equalized_lr")
class EqualizedLearningRate(Stabilizer):
    """Scales weights by He's constant at run time, so that Adam trains all layers at the same relative speed.

    Args:
        players: whose layers, `generator` and `discriminator`.
    """

    def __init__(self, players: Sequence[str] = (GENERATOR, DISCRIMINATOR)) -> None:
        self.players = checked_players(players)

    def edit(self, recipe: Recipe) -> Recipe:
        """Scale every layer with a weight, whatever its initialization was."""
        return recipe.with_added(weight=equalize) if recipe.role in self.players else recipe

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether the network contains a scaled weight."""
        return any(isinstance(module, EqualizedScale) for module in network.modules())
