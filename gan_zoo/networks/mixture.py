"""A generator whose latents are a mixture with learned components.

Gurumurthy et al. 2017, DeLiGAN, arXiv:1706.02071, section 3: the means of a mixture in the latent space are
learned with the generator. Here means are learned where the first layer's outputs are, and a component's
spread is what that layer makes of the other latents.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError

MOST_SIGNS = 16  # 65,536 vectors


class MixtureLayer(nn.Module):
    """A first layer that adds a learned vector per component, y = layer(x) + rate * table[component(x)].

    A component is one combination of the signs of the first K numbers. Vectors start at 0, where the layer
    alone places the components, and move `rate` times as fast as other weights under optimizers like Adam.

    Args:
        layer: maps `[B, Z]` to `[B, C]`.
        signs: K, 1 to 16.
        latent_dim: Z without what is appended to latents.
        width: C.
        rate: how fast the vectors learn, above 0.

    Raises:
        UserError: for more signs than latents, or than 16.
    """

    powers: Tensor

    def __init__(self, layer: nn.Module, signs: int, latent_dim: int, width: int, rate: float) -> None:
        super().__init__()
        if signs > min(latent_dim, MOST_SIGNS):
            raise UserError(
                f"mixture_signs={signs}: at most {min(latent_dim, MOST_SIGNS)}, the smaller of "
                f"model.latent_dim={latent_dim} and {MOST_SIGNS}."
            )
        self.layer, self.signs, self.rate = layer, signs, rate
        self.table = nn.Parameter(torch.zeros(2**signs, width))
        self.register_buffer("powers", 2 ** torch.arange(signs), persistent=False)

    def components(self, x: Tensor) -> Tensor:
        """Return which component each of `[B, Z]` belongs to, `[B]` in 0 to 2^K - 1; bit k is set below 0."""
        return ((x[:, : self.signs] < 0.0).long() * self.powers).sum(1)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, Z]` to `[B, C]`."""
        own = nn.functional.embedding(self.components(x), self.table)
        linear: Tensor = self.layer(x)
        return linear + (self.rate * own).to(linear.dtype)
