"""Oscillation: the generator wanders over the data instead of coming to rest on them."""

from __future__ import annotations

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import BOTH, ENERGY, Symptom, calmer, those
from gan_zoo.diagnosis.thresholds import Thresholds

LIVE = ENERGY + "_live"
DRIFT = "collapse/drift"


def oscillation(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find samples of fixed latents that move far between looks while the fakes do not come closer.

    Where the averaged generator is close to the data or comes closer, the moves cancel in it, and nothing is
    wrong with what it makes.
    """

    def sick(at: int) -> bool:
        return history.value(at, DRIFT) > limits.drift

    looks = history.lasting(look, sick, limits)
    window = history.window(look, limits)
    if looks is None or window is None or history.falling(window, LIVE, limits.stalled):
        return None
    distances = history.values(window, LIVE)
    close = any(history.typical(window, ENERGY + of) < limits.apart for of in BOTH)
    if not distances or close or history.falling(window, ENERGY, limits.stalled):
        return None
    evidence = (
        f"samples of the same latents move by {history.typical(looks, DRIFT):.2f} of the distance between "
        f"two reals from look to look, and their distance to the data goes between {min(distances):.2f} and "
        f"{max(distances):.2f} without falling."
    )
    tried = those(remedies.R1, calmer(history, look), remedies.INSTANCE_NOISE)
    return Symptom(looks[0], evidence, (*tried, remedies.EMA, remedies.DECAY, remedies.RELATIVISTIC))
