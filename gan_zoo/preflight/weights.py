"""Stabilizers that would undo each other on the same weights."""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_zoo.preflight.base import Finding, Subject, check, modules, parametrized
from gan_zoo.stabilizers.equalized_lr import EqualizedScale
from gan_zoo.stabilizers.spectral_norm import SpectralNorm


@check
def two_scalings(s: Subject) -> Iterator[Finding]:
    """[R22] Spectral norm cancels the run-time scale of an equalized learning rate."""
    for role, network in s.game.networks.items():
        both = set(parametrized(network, EqualizedScale)) & set(parametrized(network, SpectralNorm))
        if both:
            yield Finding(
                f"equalized_lr and spectral_norm both rescale '{sorted(both)[0]}' of the {role}: spectral "
                f"norm cancels the run-time scale, or the layer is no longer 1-Lipschitz. Type "
                f"'stabilizer=[~spectral_norm]' or 'stabilizer=[~equalized_lr]'."
            )


@check
def clipping_of_normalized_weights(s: Subject) -> Iterator[Finding]:
    """[R23] Spectral norm rescales whatever clipping leaves."""
    if s.has("weight_clipping") and parametrized(s.discriminator, SpectralNorm):
        yield Finding(
            "weight_clipping has no effect under spectral_norm, which rescales each weight to norm 1. "
            "Type 'stabilizer=[~weight_clipping]' or 'stabilizer=[~spectral_norm]'."
        )


@check
def clipped_norm_layers(s: Subject) -> Iterator[Finding]:
    """[R25] The official code clamps all parameters; the reader should know."""
    layers = modules(s.discriminator, (_BatchNorm, nn.GroupNorm))
    if s.has("weight_clipping") and layers:
        yield Finding(
            f"weight_clipping also bounds the scale of '{layers[0]}', as WGAN's code does.", is_error=False
        )


@check
def momentum_with_clipping(s: Subject) -> Iterator[Finding]:
    """WGAN's authors advise against momentum under weight clipping."""
    betas = s.optimizer.get("betas") or [0.0]
    if s.has("weight_clipping") and s.optimizer["name"] == "adam" and betas[0] >= 0.5:
        yield Finding(
            f"Weight clipping with momentum (beta1={betas[0]}) can be unstable; the paper uses "
            f"optimizer=rmsprop.",
            is_error=False,
        )
