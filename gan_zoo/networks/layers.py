"""Layers that several architectures share; everything with a weight matrix still comes from the recipe."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gan_zoo.draws import StochasticLayer
from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe


def class_vectors(labels: Tensor | None, classes: int) -> Tensor | None:
    """Turn labels `[B]` into one-hot vectors `[B, classes]`; None for a network without classes.

    Written as a comparison because `functional.one_hot` reads the largest label back to the host.

    Raises:
        UserError: if the network has classes and no labels came.
    """
    if not classes:
        return None
    if labels is None:
        raise UserError(f"This network is conditioned on {classes} classes: hand it labels, one per sample.")
    return (labels[:, None] == torch.arange(classes, device=labels.device)).float()


def append_class_maps(images: Tensor, vectors: Tensor) -> Tensor:
    """Append one constant map per class to images `[B, C, H, W]`, giving `[B, C + classes, H, W]`."""
    maps = vectors.to(images.dtype)[:, :, None, None].expand(-1, -1, *images.shape[2:])
    return torch.cat([images, maps], dim=1)


def upsample(maps: Tensor) -> Tensor:
    """Double height and width by repeating pixels, `[B, C, 2H, 2W]`."""
    return functional.interpolate(maps, scale_factor=2.0, mode="nearest")


def downsample(maps: Tensor) -> Tensor:
    """Halve height and width by averaging 2x2 pixels, `[B, C, H/2, W/2]`."""
    return functional.avg_pool2d(maps, 2)


class Upsample(nn.Module):
    """`upsample` as a layer."""

    def forward(self, maps: Tensor) -> Tensor:
        """Map `[B, C, H, W]` to `[B, C, 2H, 2W]`."""
        return upsample(maps)


class Downsample(nn.Module):
    """`downsample` as a layer."""

    def forward(self, maps: Tensor) -> Tensor:
        """Map `[B, C, H, W]` to `[B, C, H/2, W/2]`."""
        return downsample(maps)


class Maxout(nn.Module):
    """The largest of `pieces` linear functions (Goodfellow et al. 2013, arXiv:1302.4389, equation 1)."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, C * pieces]` to `[B, C]`."""
        return x.unflatten(1, (-1, self.pieces)).max(dim=2).values


class Dropout(StochasticLayer):
    """Zeroes a share of the activations while training and scales the rest up (arXiv:1207.0580)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape `[B, ...]`."""
        if not self.training:
            return x
        kept = (self.uniform_like(x) >= self.share).to(x.dtype)
        return x * kept.mul_(1.0 / (1.0 - self.share))


class ActivationNoise(StochasticLayer):
    """Adds Gaussian noise to activations while training (Salimans et al. 2016, arXiv:1606.03498)."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape `[B, ...]`."""
        return torch.add(x, self.normal_like(x), alpha=self.std) if self.training else x


class LatentInput(nn.Module):
    """A generator's first step: the recipe's layers on the latent vector, then the class vector beside it.

    Args:
        recipe: gives the layers on latents.
        latent_dim: length Z of the latent vector.
        classes: length of the class vector to append, 0 for none.
    """

    def __init__(self, recipe: Recipe, latent_dim: int, classes: int = 0) -> None:
        super().__init__()
        self.layers = recipe.latent_layers()
        self.appends, self.width = classes > 0, latent_dim + classes

    def forward(self, latents: Tensor, vectors: Tensor | None) -> Tensor:
        """Map latents `[B, Z]` and class vectors `[B, classes]` to `[B, Z]` or `[B, Z + classes]`."""
        x = self.layers(latents)
        return torch.cat([x, cast(Tensor, vectors).to(x.dtype)], dim=1) if self.appends else x


class ClassProjection(nn.Module):
    """The inner product of class vectors and features (Miyato, Koyama 2018, arXiv:1802.05637, equation 3)."""

    def __init__(self, recipe: Recipe, classes: int, width: int) -> None:
        super().__init__()
        self.embedding = recipe.embedding(classes, width)

    def forward(self, features: Tensor, vectors: Tensor) -> Tensor:
        """Map features `[B, width]` and class vectors `[B, classes]` to what the score gains, `[B]`."""
        return (self.embedding(vectors) * features).sum(dim=1)


def class_projection(recipe: Recipe, conditioning: str, classes: int, width: int) -> ClassProjection | None:
    """Make the inner product for a discriminator that is conditioned by `projection`, else None."""
    return ClassProjection(recipe, classes, width) if conditioning == "projection" else None
