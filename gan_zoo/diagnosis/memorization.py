"""Memorization: D knows the training samples by heart, or G copies them."""

from __future__ import annotations

from gan_zoo.diagnosis import remedies
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import Symptom, percent, rate, those
from gan_zoo.diagnosis.thresholds import Thresholds

OVERFITTING = "vitals/overfitting"
COPIES = "collapse/copy_distance"


def memorization(history: History, look: int, limits: Thresholds) -> Symptom | None:
    """Find a D that prefers training reals to held-out ones, or fakes too near to training reals."""
    knows = history.lasting(look, lambda at: history.value(at, OVERFITTING) > limits.overfitting, limits)
    copies = history.lasting(look, lambda at: history.value(at, COPIES) < limits.copy_distance, limits)
    if knows is None and copies is None:
        return None
    words = []
    if knows is not None:
        likely = percent(history.typical(knows, OVERFITTING))
        trained, held_out = (
            percent(history.value(look, f"vitals/accuracy_{split}")) for split in ("train", "held_out")
        )
        words.append(
            f"D scores a training real above a held-out one with probability {likely} (50 % is none; it "
            f"takes {trained} of training and {held_out} of held-out reals for real)"
        )
    if copies is not None:
        words.append(
            f"fakes are {percent(history.typical(copies, COPIES))} as far from their nearest training sample "
            f"as held-out reals are"
        )
    since = min(looks[0] for looks in (knows, copies) if looks is not None)
    tried = those(
        remedies.DIFF_AUGMENT, remedies.R1, remedies.INSTANCE_NOISE, rate(history, look, "discriminator", 0.5)
    )
    return Symptom(since, f"{'; '.join(words)}.", tried)
