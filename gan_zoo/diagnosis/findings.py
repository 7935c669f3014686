"""What a diagnosis says: findings in plain words, and remedies as overrides to type."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "collapse", "partial_mode_loss", "memorization", "discriminator_overpowering", "oscillation", "divergence"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Remedy:
    """One thing to try.

    Attributes:
        override: what to type after `python train.py`; several overrides are separated by spaces.
        why: what it does against the finding.
        in_place: whether a run can go on with it: the networks stay what they are.
    """

    override: str
    why: str
    in_place: bool = True

    @property
    def typed(self) -> str:
        """The override with the quotes that a shell needs.

        Example:
            >>> Remedy("regularizer=[r1] regularizer.r1.weight=1", "").typed
            "'regularizer=[r1]' regularizer.r1.weight=1"
        """
        return shlex.join(self.override.split(" "))


@dataclass(frozen=True)
class Finding:
    """One thing that goes wrong.

    Attributes:
        kind: what, one of `KINDS`.
        since_kimg: the first look at which it showed.
        at_kimg: the look at which it had lasted long enough to be said.
        evidence: plain words with numbers.
        remedies: what to try, most promising first.
    """

    kind: Kind
    since_kimg: float
    at_kimg: float
    evidence: str
    remedies: tuple[Remedy, ...] = ()

    @property
    def title(self) -> str:
        """The kind in words.

        Example:
            >>> Finding("partial_mode_loss", 1.0, 2.0, "").title
            'Partial mode loss'
        """
        return self.kind.replace("_", " ").capitalize()

    def to_plain(self) -> dict[str, Any]:
        """Return dictionaries, lists, numbers and texts, as they stand in findings.json and summary.json."""
        plain = asdict(self)
        return {**plain, "remedies": list(plain["remedies"])}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Finding:
        """Read what `to_plain` returned."""
        return cls(**{**plain, "remedies": tuple(Remedy(**each) for each in plain["remedies"])})

    def lines(self, most: int | None = None) -> list[str]:
        """Return what a person reads, with at most so many remedies."""
        first = f"{self.title} since {self.since_kimg:.1f} kimg (seen at {self.at_kimg:.1f}): {self.evidence}"
        return [first, *(f"  try {remedy.typed}   {remedy.why}" for remedy in self.remedies[:most])]
