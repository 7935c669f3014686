"""Noise of full dimension at the end of a generator, for data that fill a volume and not a sheet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError

START = 0.01  # of the last layer's weights: samples start as noise about one point


class OutputNoise(nn.Module):
    """Adds to each output a normal number of its own times a learned gain.

    Layers of bounded width map latents to a thin sheet. The noise is the last part of the latent, so that
    the same latent gives the same sample.

    Args:
        width: D, numbers of a sample.
        latent_dim: Z, numbers of a latent, more than D.
        gain: of each output at the start.

    Attributes:
        seen: how many numbers of a latent, the first ones, are for the layers.

    Raises:
        UserError: if no number remains for the layers.
    """

    def __init__(self, width: int, latent_dim: int, gain: float) -> None:
        super().__init__()
        self.seen = latent_dim - width
        if self.seen < 1:
            raise UserError(
                f"model.latent_dim={latent_dim}: with model.generator.output_noise the last {width} numbers "
                f"of a latent are noise. Type model.latent_dim={width + 8}, or at least {width + 1}."
            )
        self.gain = nn.Parameter(torch.full((width,), gain))

    def split(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is for the layers and the noise, `[B, Z - D]` and `[B, D]`."""
        return latents[:, : self.seen], latents[:, self.seen :]

    def forward(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """Add noise `[B, D]` to outputs `[B, D]`."""
        return outputs + self.gain * noise

    @torch.no_grad()
    def shrink(self, layer: nn.Module) -> nn.Module:
        """Let the last layer start near zero, and return it."""
        for parameter in layer.parameters():
            parameter.mul_(START)
        return layer
