"""Collapse: the generator makes nearly one sample, of all data or of each class."""

from __future__ import annotations

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.findings import Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import (
    BOTH,
    DIVERSITY,
    ENERGY,
    SEPARATION,
    Symptom,
    calmer,
    percent,
    rate,
    those,
    whose,
)
from gan_zoo.diagnosis.thresholds import Thresholds

PAIRS = "collapse/pair_diversity"
SEES = 0.8  # D that separates this often sees that fakes are wrong


def collapse(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find samples much more alike than the reals, far from them, and not getting closer.

    Where no distance was ever measured, samples are enough that are alike and do not get more diverse.
    """
    for suffix in BOTH:
        diversity, energy = DIVERSITY + suffix, _distance(history, suffix)

        def sick(at: int, diversity: str = diversity, energy: str | None = energy) -> bool:
            alike = history.value(at, diversity) < limits.diversity
            return alike and (energy is None or history.value(at, energy) > limits.apart)

        looks = history.lasting(look, sick, limits)
        if looks is None or _recovers(history, look, diversity, energy, limits):
            continue
        evidence = (
            f"{whose(suffix)} samples are {percent(history.typical(looks, diversity))} as far apart as reals "
            f"(median of {len(looks)} looks), and {_away(history, look, energy)}.{_similarity(history, look)}"
        )
        return Symptom(looks[0], evidence, _remedies(history, look, looks))
    return _within_classes(history, look, limits)


def _distance(history: History, suffix: str) -> str | None:
    """Return the distance that a generator is judged by: its own, or else the other's."""
    names = (ENERGY + of for of in sorted(BOTH, key=lambda of: of != suffix))
    return next((name for name in names if history.has(name)), None)


def _away(history: History, look: int, energy: str | None) -> str:
    """Return how far the samples are from the reals, in words."""
    if energy is None:
        return f"get no further apart; how far they are from the reals is not known without {ENERGY}"
    return f"{history.value(look, energy):.2f} of the distance between two reals away from them"


def _within_classes(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find a generator that ignores its latent, though labels still tell its samples apart."""
    looks = history.lasting(look, lambda at: history.value(at, PAIRS) < limits.pair_diversity, limits)
    window = history.window(look, limits)
    if looks is None or window is None or history.falling(window, ENERGY + "_live", limits.stalled):
        return None
    evidence = (
        f"two latents of one condition make samples that are {percent(history.typical(looks, PAIRS))} as far "
        f"apart as two reals of one class (median of {len(looks)} looks): G nearly ignores its latent."
    )
    return Symptom(looks[0], evidence, _remedies(history, look, looks))


def _recovers(history: History, look: int, diversity: str, energy: str | None, limits: Thresholds) -> bool:
    window = history.window(look, limits)
    if window is None:
        return False
    if energy is None:
        return history.rising(window, diversity, limits.stalled)
    return history.falling(window, energy, limits.stalled)


def _similarity(history: History, look: int) -> str:
    fake, real = (history.value(look, f"collapse/ms_ssim{of}") for of in ("", "_of_reals"))
    return f" MS-SSIM of pairs is {fake:.2f} (reals {real:.2f})." if fake > real else ""


def _remedies(history: History, look: int, looks: range) -> tuple[Remedy, ...]:
    """Help D where it does not see that fakes are wrong, and hold it back where it sees nothing else."""
    slower = calmer(history, look)
    if history.typical(looks, SEPARATION) < SEES:
        faster = rate(history, look, "discriminator", 2.0)
        first = those(remedies.R1, slower, faster, remedies.MODE_SEEKING, remedies.MORE_CRITIC_STEPS)
    else:
        half = rate(history, look, "discriminator", 0.5)
        first = those(remedies.R1, slower, half, remedies.INSTANCE_NOISE, remedies.MODE_SEEKING)
    return (*first, remedies.PACKING, remedies.RELATIVISTIC)
