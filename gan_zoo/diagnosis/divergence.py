"""Divergence: numbers that are not finite, fakes that leave the data, scores or weights that explode."""

from __future__ import annotations

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.findings import Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.signs import NOT_FINITE
from gan_zoo.diagnosis.symptom import ENERGY, Symptom, calmer, those
from gan_zoo.diagnosis.thresholds import Thresholds

LIVE = ENERGY + "_live"
GROWING = {
    "vitals/logit_gap": "D's score gap",
    "vitals/discriminator_weight_norm": "the norm of D's weights",
    "vitals/generator_weight_norm": "the norm of G's weights",
}


def divergence(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find what no further training mends."""
    return _not_finite(history, look) or _far(history, look, limits) or _explosion(history, look, limits)


def _not_finite(history: History, look: int) -> Symptom | None:
    """Find numbers that are not finite at two looks in a row; no grace, since NaN does not heal."""
    if look < 1 or any(not history.value(at, NOT_FINITE) > 0.0 for at in (look - 1, look)):
        return None
    first = look
    while first > 0 and history.value(first - 1, NOT_FINITE) > 0.0:
        first -= 1
    count = history.value(look, NOT_FINITE)
    evidence = f"{count:.0f} of the vital signs are not finite, at {look - first + 1} looks in a row."
    return Symptom(first, evidence, _remedies(history, look))


def _far(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find fakes far outside the data, at as many looks in a row as a window has at least."""
    first = look - limits.window_looks + 1
    if first < 1:  # the untrained generator does not count
        return None
    window = range(first, look + 1)
    found = [history.value(at, LIVE) for at in window]
    if not all(value > limits.far for value in found) or history.falling(window, LIVE, limits.stalled):
        return None
    while first > 1 and history.value(first - 1, LIVE) > limits.far:
        first -= 1
    evidence = (
        f"fakes are {history.value(look, LIVE):.3g} times the distance between two reals away from the data, "
        f"at {look - first + 1} looks in a row, and come no closer."
    )
    return Symptom(first, evidence, _remedies(history, look))


def _explosion(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find scores or weights that grow without bound while the fakes stay away from the data."""
    early = [at for at in range(1, look) if history.share(at) <= limits.grace_share]
    for name, words in GROWING.items():
        start = history.typical(early, name)

        def sick(at: int, name: str = name, start: float = start) -> bool:
            # From at least 1, because the gap of an untrained D is nearly nothing.
            grown = abs(history.value(at, name)) > limits.explosion * max(1.0, abs(start))
            return grown and history.value(at, LIVE) > limits.apart

        looks = history.lasting(look, sick, limits)
        if looks is not None:
            evidence = (
                f"{words} has grown from {start:.3g} at the start of the run to "
                f"{history.value(look, name):.3g}, and the fakes are {history.value(look, LIVE):.2f} of the "
                f"distance between two reals away from them."
            )
            return Symptom(looks[0], evidence, _remedies(history, look))
    return None


def _remedies(history: History, look: int) -> tuple[Remedy, ...]:
    tried = those(calmer(history, look), remedies.R1, remedies.CLIP)
    return (*tried, remedies.SPECTRAL, remedies.GRADIENT_PENALTY)
