"""Weight clipping: every parameter of the discriminator stays within bounds.

Arjovsky et al. 2017, Wasserstein GAN, arXiv:1701.07875, algorithm 1: w <- clip(w, -c, c), c = 0.01. The
official code clamps all of D's parameters, normalization's included, before each of D's steps; here they
are clamped at the start and after each step, which gives every step of D the same weights, and G's steps
weights within bounds.

0.01 works because batch normalization restores the size of what each layer lets through. Without it each
layer would shrink its signal, and G's gradient, to nothing, so there the bound is relative to He's scale:
|w| <= limit * sqrt(2 / fan_in), which is the limit itself for equalized weights, and |b| <= limit for
biases and other parameters, since signals then have unit scale.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from gan_zoo.errors import require_flag, require_number
from gan_zoo.recipe import SQRT2, fan_in
from gan_zoo.stabilizers.base import STABILIZERS, Progress, Stabilizer
from gan_zoo.stabilizers.equalized_lr import EqualizedScale
from gan_zoo.types import DISCRIMINATOR, PlayerName

ABSOLUTE_LIMIT = 0.01
# Weights pile up at the bound, so D's slope on the reals settles near 0.01, 2, 7, 20 and 170 at limits of
# 0.1, 0.35, 0.5, 0.7 and 1 (3 x 128 units, ring of 8 modes, RMSprop, 1,200 steps of G, 2 seeds each); only
# 0.5 found all modes with every seed (4).
RELATIVE_LIMIT = 0.5
NORMALIZATIONS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def is_normalized(network: nn.Module) -> bool:
    """Say whether the network normalizes its features (batch, instance, group or layer norm)."""
    return any(isinstance(module, NORMALIZATIONS) for module in network.modules())


def bounds(network: nn.Module, limit: float, relative: bool) -> Iterator[tuple[str, float]]:
    """Yield each parameter's name and the largest size that it may have."""
    weights: dict[str, float] = {}
    for path, module in network.named_modules():
        if not isinstance(module, LAYERS):
            continue
        bound = limit * SQRT2 / fan_in(module) ** 0.5 if relative else limit
        name = "weight"
        if parametrize.is_parametrized(module, "weight"):
            name = "parametrizations.weight.original"
        for scale in module.modules():
            if isinstance(scale, EqualizedScale):  # the bound holds for the weight that acts
                bound = limit if relative else limit / scale.scale
        weights[f"{path}.{name}" if path else name] = bound
    for name, _ in network.named_parameters():
        yield name, weights.get(name, limit)


@STABILIZERS.register("weight_clipping")
class WeightClipping(Stabilizer):
    """Keeps every parameter of the discriminator within bounds, which bounds its slope.

    Args:
        limit: bound of each parameter, or in units of He's scale where relative; `auto` is 0.01, or 0.5
            where relative.
        relative: whether the bound is relative to He's scale; `auto` is where the discriminator has no
            normalization.

    Raises:
        ValueError: for a limit that is not positive, or another word than `auto`.
    """

    def __init__(
        self, limit: float | Literal["auto"] = "auto", relative: bool | Literal["auto"] = "auto"
    ) -> None:
        self.limit = None if limit == "auto" else require_number("limit", limit, 0.0, open_low=True)
        self.relative = None if relative == "auto" else require_flag("relative", relative)
        self.bounds: dict[str, float] = {}
        self._parameters: list[Tensor] = []

    def start(self, networks: Mapping[PlayerName, nn.Module]) -> None:
        """Find every parameter's bound and clamp for the first step."""
        network = networks[DISCRIMINATOR]
        relative = not is_normalized(network) if self.relative is None else self.relative
        limit = self.limit if self.limit is not None else RELATIVE_LIMIT if relative else ABSOLUTE_LIMIT
        self.bounds = dict(bounds(network, limit, relative))
        self._parameters = [parameter for _, parameter in network.named_parameters()]
        self._clamp()

    @torch.no_grad()
    def _clamp(self) -> None:
        largest = list(self.bounds.values())
        torch._foreach_clamp_max_(self._parameters, largest)
        torch._foreach_clamp_min_(self._parameters, [-bound for bound in largest])

    def after_step(self, player: PlayerName, progress: Progress) -> None:
        """Clamp after each step of the discriminator."""
        if player == DISCRIMINATOR and self._parameters:
            self._clamp()

    def constrain(self, name: str, weight: Tensor) -> Tensor:
        """Return the discriminator's parameter `name` clamped; no gradient where the bound holds it."""
        return weight.clamp(-self.bounds[name], self.bounds[name])
