"""What latents are drawn from, by name."""

from __future__ import annotations

import re

from gan_zoo.errors import UserError, did_you_mean

PRIORS = ("normal", "uniform")
SIGNS = re.compile(r"signs_([1-9]\d*)")


def latent_signs(prior: str) -> int:
    """Return how many leading coordinates of a latent are signs, +1 or -1.

    Args:
        prior: `normal` for N(0, I), `uniform` for U(-1, 1), or `signs_K`: K signs, the rest N(0, I). With
            signs a continuous generator can make separate pieces without bridges between them, as with the
            categorical codes of InfoGAN (Chen et al. 2016, arXiv:1606.03657).

    Raises:
        UserError: for another name.

    Example:
        >>> latent_signs("normal"), latent_signs("signs_6")
        (0, 6)
    """
    found = SIGNS.fullmatch(prior) if isinstance(prior, str) else None
    if found:
        return int(found[1])
    if prior not in PRIORS:
        raise UserError(f"model.latent_prior={prior!r}: {did_you_mean(str(prior), (*PRIORS, 'signs_6'))}")
    return 0


def check_latent_prior(prior: str, latent_dim: int) -> None:
    """Check that a latent has room for its signs.

    Raises:
        UserError: if it has not, or for an unknown name.
    """
    signs = latent_signs(prior)
    if signs > latent_dim:
        raise UserError(
            f"model.latent_prior={prior} needs model.latent_dim of at least {signs}, got {latent_dim}."
        )
