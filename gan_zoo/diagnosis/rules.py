"""Goes through a history look by look, so that a finished run is judged exactly as it was while it ran."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gan_zoo.diagnosis.collapse import collapse
from gan_zoo.diagnosis.divergence import divergence
from gan_zoo.diagnosis.findings import Finding, Kind, Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.memorization import memorization
from gan_zoo.diagnosis.oscillation import oscillation
from gan_zoo.diagnosis.overpowering import discriminator_overpowering
from gan_zoo.diagnosis.partial_mode_loss import partial_mode_loss
from gan_zoo.diagnosis.symptom import Rule, Symptom
from gan_zoo.diagnosis.thresholds import Thresholds

RULES: dict[Kind, Rule] = {
    "divergence": divergence,
    "collapse": collapse,
    "discriminator_overpowering": discriminator_overpowering,
    "oscillation": oscillation,
    "memorization": memorization,
    "partial_mode_loss": partial_mode_loss,
}
# What follows from something worse says nothing new while that lasts.
FOLLOWS: dict[Kind, tuple[Kind, ...]] = {
    "partial_mode_loss": ("collapse", "divergence"),
    "discriminator_overpowering": ("divergence",),
    "oscillation": ("divergence",),
}


class Diagnosis:
    """Judges a run look by look.

    Args:
        limits: what the rules compare with.
        parts: regularizers and stabilizers that the run has; remedies that would add them are left out.

    Attributes:
        history: the looks so far.
        findings: all findings so far, each once. One that has passed is found anew if it comes back.
    """

    def __init__(self, limits: Thresholds | None = None, parts: Collection[str] = ()) -> None:
        self.limits, self.parts = limits or Thresholds(), frozenset(parts)
        self.history, self.findings = History(), list[Finding]()
        self._last: dict[Kind, int] = {}  # the last look that showed each kind

    def add(self, row: Mapping[str, float]) -> list[Finding]:
        """Take in a look, and return what is found at it and was not before."""
        before = len(self.history)
        if not self.history.append(row):
            return []
        look = len(self.history) - 1
        if look < before:  # the run went back
            self._forget(look)
        shown = {
            kind: symptom
            for kind, rule in RULES.items()
            if (symptom := rule(self.history, look, self.limits))
        }
        new = []
        for kind, symptom in shown.items():
            if any(worse in shown for worse in FOLLOWS.get(kind, ())):
                continue
            if not self._lasts(kind, symptom):
                new.append(self._finding(kind, symptom, look))
            self._last[kind] = look
        self.findings += new
        return new

    def rewind(self, kimg: float, parts: Collection[str] = ()) -> None:
        """Forget what was seen at `kimg` and after: the run goes back there, with `parts`."""
        self.history.rewind(kimg)
        self._forget(len(self.history))
        self.parts = self.parts | frozenset(parts)

    def to_plain(self) -> dict[str, Any]:
        """Return what was seen and found as plain data."""
        findings = [finding.to_plain() for finding in self.findings]
        return {
            "rows": [dict(row) for row in self.history.rows],
            "findings": findings,
            "last": dict(self._last),
        }

    def take_over(self, plain: Mapping[str, Any]) -> None:
        """Go on from what `to_plain` returned."""
        self.history = History(plain["rows"])
        self.findings = [Finding.from_plain(each) for each in plain["findings"]]
        self._last = dict(plain["last"])

    def _forget(self, looks: int) -> None:
        self._last = {kind: last for kind, last in self._last.items() if last < looks}

    def _lasts(self, kind: Kind, symptom: Symptom) -> bool:
        """Say whether a symptom is the one that was found before: it began before that was last seen."""
        return kind in self._last and symptom.since <= self._last[kind]

    def _finding(self, kind: Kind, symptom: Symptom, look: int) -> Finding:
        remedies = tuple(remedy for remedy in symptom.remedies if not self._has(remedy))
        since, now = self.history.kimg(symptom.since), self.history.kimg(look)
        return Finding(kind, since, now, symptom.evidence, remedies)

    def _has(self, remedy: Remedy) -> bool:
        group, _, value = remedy.override.split(" ")[0].partition("=")
        return group in ("regularizer", "stabilizer") and value.strip("[]") in self.parts


def diagnose(
    history: History, limits: Thresholds | None = None, parts: Collection[str] = ()
) -> list[Finding]:
    """Return everything that was to be found while a history grew, in that order.

    Args:
        history: vital signs by kimg.
        limits: what the rules compare with.
        parts: regularizers and stabilizers of the run; remedies that would add them are left out.
    """
    diagnosis = Diagnosis(limits, parts)
    for row in history.rows:
        diagnosis.add(row)
    return list(diagnosis.findings)
