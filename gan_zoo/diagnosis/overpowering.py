"""A discriminator that has won: it tells every fake, and the generator no longer comes closer."""

from __future__ import annotations

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.findings import Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import ENERGY, SEPARATION, Symptom, percent, rate, those
from gan_zoo.diagnosis.thresholds import Thresholds

LIVE = ENERGY + "_live"
GAP = "vitals/logit_gap"
WEIGHTS = "vitals/generator_weight_norm"


GRADIENT = "vitals/generator_gradient_norm"


def discriminator_overpowering(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find scores that separate reals from fakes nearly always while the fakes stay away from the data."""

    def sick(at: int) -> bool:
        return history.value(at, SEPARATION) > limits.separation and history.value(at, LIVE) > limits.apart

    looks = history.lasting(look, sick, limits)
    window = history.window(look, limits)
    if looks is None or window is None or history.falling(window, LIVE, limits.stalled):
        return _silent(history, look, limits)
    evidence = (
        f"D scores a held-out real above a fake with probability "
        f"{percent(history.typical(looks, SEPARATION))} (gap {history.value(look, GAP):.3g}), while the "
        f"fakes stay {history.typical(looks, LIVE):.2f} of the distance between two reals away from them."
    )
    return Symptom(looks[0], evidence, _remedies(history, look))


def _silent(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find a D that gives G nothing to learn from, because its scores are saturated or it has died.

    However close the fakes are by then, without a gradient they come no closer.
    """

    def sick(at: int) -> bool:
        return history.value(at, GRADIENT) <= limits.no_gradient * history.value(at, WEIGHTS)

    looks = history.lasting(look, sick, limits)
    if looks is None:
        return None
    evidence = f"G has had no gradient for {len(looks)} looks (norm {history.value(look, GRADIENT):.3g})"
    away = history.typical(looks, LIVE)
    if away > 0.0:  # not so where no distance is known
        evidence += f", while the fakes are {away:.2f} of the distance between two reals away from them"
    evidence += "."
    return Symptom(looks[0], evidence, _remedies(history, look))


def _remedies(history: History, look: int) -> tuple[Remedy, ...]:
    half = rate(history, look, "discriminator", 0.5)
    tried = those(half, remedies.R1, remedies.INSTANCE_NOISE)
    return (*tried, remedies.SPECTRAL, remedies.GRADIENT_PENALTY, remedies.RELATIVISTIC)
