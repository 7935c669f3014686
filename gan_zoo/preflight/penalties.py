"""Penalties, look-ahead and what D may contain under them."""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_zoo.game.strategies import Unrolled
from gan_zoo.losses.wgan import Wasserstein
from gan_zoo.losses.wgangp import WassersteinGradientPenalty
from gan_zoo.preflight.base import Finding, Subject, check, modules, parametrized
from gan_zoo.stabilizers.spectral_norm import SpectralNorm
from gan_zoo.types import GENERATOR


@check
def batch_norm_under_penalty(s: Subject) -> Iterator[Finding]:
    """[R01] A penalty on D's input gradient assumes that D judges each sample by itself."""
    layers = modules(s.discriminator, _BatchNorm)
    if s.penalties and layers:
        yield Finding(
            f"{s.penalties[0]} differentiates D by its input and assumes that a score depends on one sample, "
            f"but batch norm '{layers[0]}' in the discriminator mixes samples. "
            f"Type model.discriminator.normalization=group (or auto), or 'regularizer=[~{s.penalties[0]}]'."
        )


@check
def batch_statistics_under_penalty(s: Subject) -> Iterator[Finding]:
    """[R02] PGGAN does this; the reader should know."""
    for name in ("minibatch_stddev", "minibatch_discrimination"):
        if s.penalties and s.has(name):
            yield Finding(
                f"{s.penalties[0]} includes cross-sample terms from {name}; PGGAN does the same.",
                is_error=False,
            )


@check
def attention_under_penalty(s: Subject) -> Iterator[Finding]:
    """[R04] Fused attention has no second derivative."""
    layers = modules(s.discriminator, nn.MultiheadAttention)
    second_order = s.penalties or isinstance(s.game.players[GENERATOR].strategy, Unrolled)
    if layers and second_order:
        yield Finding(
            f"Attention '{layers[0]}' in the discriminator has no second derivative, which "
            f"{s.penalties[0] if s.penalties else 'loss=unrolled'} needs. Build it with "
            f"torch.nn.attention.sdpa_kernel(MATH), or remove the penalty."
        )


@check
def two_lipschitz_bounds(s: Subject) -> Iterator[Finding]:
    """[R24] One bound on D's slope is enough."""
    bounds = [name for name in ("weight_clipping", "spectral_norm") if s.has(name)]
    if "gradient_penalty" in s.regularizers and bounds:
        yield Finding(
            f"gradient_penalty and {bounds[0]} both bound D's slope; one is enough.", is_error=False
        )


@check
def unbounded_critic(s: Subject) -> Iterator[Finding]:
    """[R26] Wasserstein's critic must be bounded by something."""
    played = getattr(s.loss, "objective", s.loss)  # what unrolling is wrapped around
    wasserstein = isinstance(played, (Wasserstein, WassersteinGradientPenalty))
    bounded = s.penalties or s.has("weight_clipping") or s.has("spectral_norm")
    if wasserstein and not bounded:
        yield Finding(
            f"loss={s.loss_name} with nothing that bounds the critic is unbounded. Type one of "
            f"'regularizer=[gradient_penalty]', 'stabilizer=[spectral_norm]', 'stabilizer=[weight_clipping]'."
        )


@check
def look_ahead(s: Subject) -> Iterator[Finding]:
    """[R19, R42] What look-ahead costs and approximates."""
    strategy = s.game.players[GENERATOR].strategy
    if not isinstance(strategy, Unrolled):
        return
    if parametrized(s.discriminator, SpectralNorm):
        yield Finding(
            "Look-ahead treats spectral norm's vectors as constants (1-2 % error at 3 steps).", is_error=False
        )
    if strategy.steps > 10 or (s.penalties and strategy.steps > 5):
        yield Finding(
            f"Look-ahead of {strategy.steps} steps: time and memory grow with each.", is_error=False
        )
