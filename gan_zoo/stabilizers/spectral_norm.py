"""Spectral normalization: every weight is divided by an estimate of its largest singular value.

Miyato et al. 2018, Spectral Normalization for GANs, arXiv:1802.05957, algorithm 1: W / sigma(W) with
sigma = u^T W v, u and v kept between forwards and moved by power iteration. A convolution's weight is the
matrix `[out, in * k * k]`.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from gan_zoo.errors import require_number
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer, checked_players, require_whole
from gan_zoo.types import DISCRIMINATOR, PlayerName


class SpectralNorm(parametrizations._SpectralNorm):
    """torch's spectral normalization in the weight's own precision, whatever autocast says."""

    def forward(self, weight: Tensor) -> Tensor:
        """Return `weight / sigma(weight)`; in training mode u and v take their iterations first."""
        with torch.autocast(weight.device.type, enabled=False):  # else sigma and u, v have 8 bits
            return super().forward(weight)


@STABILIZERS.register("spectral_norm")
class SpectralNormStabilizer(Stabilizer):
    """Divides every weight by its largest singular value, which bounds the discriminator's slope.

    Args:
        players: whose layers, `generator` and `discriminator`.
        n_power_iterations: iterations per forward in training mode, at least 1.
        eps: smallest length that u and v are divided by, positive.

    Raises:
        ValueError: for a number out of its range.
    """

    def __init__(
        self, players: Sequence[str] = (DISCRIMINATOR,), n_power_iterations: int = 1, eps: float = 1e-12
    ) -> None:
        self.players = checked_players(players)
        self.n_power_iterations = require_whole("n_power_iterations", n_power_iterations, 1)
        self.eps = require_number("eps", eps, 0.0, open_low=True)

    def edit(self, recipe: Recipe) -> Recipe:
        """Normalize every layer with a weight, tables of class vectors included."""
        return recipe.with_added(weight=self._normalize) if recipe.role in self.players else recipe

    def _normalize(self, layer: nn.Module, gain: float) -> nn.Module:
        outputs = 1 if isinstance(layer, nn.ConvTranspose2d) else 0  # its weight is [in, out, k, k]
        norm = SpectralNorm(cast(Tensor, layer.weight), self.n_power_iterations, outputs, self.eps)
        parametrize.register_parametrization(layer, "weight", norm)
        return layer

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether the network contains a normalized weight."""
        return any(isinstance(module, SpectralNorm) for module in network.modules())
