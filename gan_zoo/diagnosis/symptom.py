"""What a rule returns, and how rules put numbers into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gan_zoo.diagnosis.findings import Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.thresholds import Thresholds

DIVERSITY = "collapse/diversity"
ENERGY = "collapse/energy_distance"
COVERAGE = "collapse/coverage"
SEPARATION = "vitals/separation"
UNLIKE = 2.0  # ratio of learning rates from which they are levelled
BOTH = ("", "_live")  # of the averaged generator, and of the one that plays


@dataclass(frozen=True)
class Symptom:
    """A condition that has lasted.

    Attributes:
        since: the first look that shows it.
        evidence: in plain words with numbers.
        remedies: what to try.
    """

    since: int
    evidence: str
    remedies: tuple[Remedy, ...]


Rule = Callable[[History, int, Thresholds], Symptom | None]


def whose(suffix: str) -> str:
    """Return the name of a generator in words."""
    return "the generator's" if suffix else "the averaged generator's"


def percent(value: float) -> str:
    """Return a share in percent.

    Example:
        >>> percent(0.123), percent(0.0042)
        ('12 %', '0.4 %')
    """
    return f"{100.0 * value:.0f} %" if abs(value) >= 0.0995 or value == 0.0 else f"{100.0 * value:.1f} %"


def rate(history: History, look: int, player: str, factor: float) -> Remedy | None:
    """Return the remedy that halves or doubles a player's learning rate; None where it is not known."""
    known = history.value(look, f"vitals/{player}_lr")
    if not known > 0.0:
        return None
    words = "half" if factor < 1.0 else "twice"
    override = f"optimizer.{player}.lr={known * factor:.3g}"
    return Remedy(override, f"{player[:1].upper()} learns {words} as fast.")


def calmer(history: History, look: int) -> Remedy | None:
    """Return the remedy that slows the faster player to the other's rate, or both where they are alike."""
    rates = {player: history.value(look, f"vitals/{player}_lr") for player in ("generator", "discriminator")}
    if not all(value > 0.0 for value in rates.values()):
        return None
    fast, slow = sorted(rates, key=lambda player: rates[player], reverse=True)
    if rates[fast] > UNLIKE * rates[slow]:
        why = f"{fast[:1].upper()} learns no faster than {slow[:1].upper()}."
        return Remedy(f"optimizer.{fast}.lr={rates[slow]:.3g}", why)
    halves = (f"optimizer.{player}.lr={0.5 * value:.3g}" for player, value in rates.items())
    return Remedy(" ".join(halves), "Both players learn half as fast.")


def those(*remedies: Remedy | None) -> tuple[Remedy, ...]:
    """Return the remedies that there are."""
    return tuple(remedy for remedy in remedies if remedy is not None)
