"""What the game expects of a generator and a discriminator."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gan_zoo.config.latent_prior import latent_signs
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe
from gan_zoo.registry import Registry
from gan_zoo.types import CriticOutput, ScoreKind


class Generator(nn.Module):
    """Latents (and labels) to samples.

    Args:
        recipe: makes the layers.
        shape: shape of one sample, `(C, H, W)` or `(D,)`.
        latent_dim: length Z of the latent vector, drawn from N(0, I) (or U(-1, 1), see `latent_prior`).
        classes: number of classes, 0 for an unconditional generator.

    Attributes:
        default_recipe: what the architecture fixes of its recipe (activation, normalization, initialization).
        grows: whether `forward` takes `level` and `fade`.
        levels: the resolutions of growth, smallest first; empty unless `grows`.
    """

    default_recipe: ClassVar[dict[str, str]] = {}
    grows: ClassVar[bool] = False

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0) -> None:
        super().__init__()
        self.recipe, self.shape, self.latent_dim, self.classes = recipe, shape, latent_dim, classes
        self.latent_prior = "normal"
        self.levels: tuple[int, ...] = ()

    def forward(self, latents: Tensor, labels: Tensor | None = None, **condition: Any) -> Tensor:
        """Map latents `[B, Z]` and labels `[B]` to samples `[B, C, H, W]` in [-1, 1], or `[B, D]`."""
        raise NotImplementedError

    @torch.no_grad()
    def sample(
        self,
        n: int,
        seed: int = 0,
        label: int | None = None,
        truncation: float | None = None,
        **condition: Any,
    ) -> Tensor:
        """Draw `n` samples; the same arguments give the same samples.

        Args:
            n: how many.
            seed: of the latents.
            label: class of all of them; without it a conditional generator goes through the classes in turn.
            truncation: draw latents from the normal distribution cut at +-`truncation` (Brock et al. 2019,
                arXiv:1809.11096, section 3.1), or None.

        Raises:
            UserError: for a label outside the classes, or `truncation` that is not positive.
        """
        if label is not None and not 0 <= label < self.classes:
            allowed = f"0 to {self.classes - 1}" if self.classes else "none: the generator is unconditional"
            raise UserError(f"label={label} is not a class of this generator; allowed: {allowed}.")
        device = next(self.parameters()).device
        latents = draw_latents(
            Draws(seed), n, self.latent_dim, "sample", prior=self.latent_prior, truncation=truncation
        )
        labels = None
        if self.classes:
            labels = torch.full((n,), label) if label is not None else torch.arange(n) % self.classes
            labels = labels.to(device)
        return self(latents.to(device), labels, **condition)


class Discriminator(nn.Module):
    """Samples (and labels) to a score, features and heads.

    Args:
        recipe: makes the layers.
        shape: shape of what D sees: packs have m*C channels (or m*D numbers).
        classes: number of classes, 0 without labels.

    Attributes:
        auto_normalization: what `normalization: auto` means without an input-gradient term: `batch`, `none`,
            or `spectral` (spectral norm where the loss brings no other bound on the weights).
        score_kind: what the score is.
    """

    default_recipe: ClassVar[dict[str, str]] = {}
    auto_normalization: ClassVar[str] = "none"
    score_kind: ScoreKind = "logit"

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0) -> None:
        super().__init__()
        self.recipe, self.shape, self.classes = recipe, shape, classes

    def forward(self, samples: Tensor, labels: Tensor | None = None, **condition: Any) -> CriticOutput:
        """Judge samples `[B, C, H, W]` or `[B, D]` with labels `[B]`."""
        raise NotImplementedError


def draw_latents(
    draws: Draws, n: int, latent_dim: int, purpose: str, *index: int | str, prior: str = "normal",
    truncation: float | None = None, device: torch.device | str = "cpu",
) -> Tensor:  # fmt: skip
    """Draw latents `[n, latent_dim]`: N(0, I), cut at +-`truncation` where given, or another prior.

    Raises:
        UserError: if `truncation` is not positive.
    """
    if prior == "uniform":
        return draws.uniform((n, latent_dim), purpose, *index, device=device) * 2.0 - 1.0
    signs = latent_signs(prior)
    if signs:
        latents = draws.normal((n, latent_dim), purpose, *index, device=device)
        latents[:, :signs] = 1.0 - 2.0 * (latents[:, :signs] < 0.0)
        return latents
    if truncation is None:
        return draws.normal((n, latent_dim), purpose, *index, device=device)
    if truncation <= 0.0:
        raise UserError(
            f"truncation={truncation}: the cut of the normal distribution must be positive; try 1.0."
        )
    half = torch.erf(torch.tensor(truncation / 2.0**0.5, dtype=torch.float64))
    uniform = draws.uniform((n, latent_dim), purpose, *index, device=device).double()
    return (torch.erfinv((2.0 * uniform - 1.0) * half) * 2.0**0.5).float()


GENERATORS: Registry[Generator] = Registry("generator")
DISCRIMINATORS: Registry[Discriminator] = Registry("discriminator")
