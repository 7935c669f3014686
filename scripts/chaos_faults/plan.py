"""What shall happen to a training process, handed to it in its environment, and what it told of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "GAN_ZOO_CHAOS"
PLUGIN = "chaos_faults.inside"
Event = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """Something that happens at one moment.

    Attributes:
        what: name of a function in `acts`.
        scope: what is going on at that moment: a name in `ticks.SCOPES`.
        number: which one of these in the process, from 1.
        tick: which of its moments, from 0.
        arguments: of the function.
    """

    what: str
    scope: str
    number: int
    tick: int = 0
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Poison:
    """Steps of a player that get a number that is not finite, or that are left out.

    Attributes:
        where: `batch`, `loss`, `gradient`, or `nowhere`: the step is left out instead.
        value: `nan` or `inf`.
        player: whose steps.
        first: the first one, from 0.
        last: the last one.
    """

    where: str
    value: str
    player: str
    first: int
    last: int


@dataclass(frozen=True)
class Plan:
    """All that shall happen to a process.

    Attributes:
        events: the file to which it tells what it does.
        acts: in any order.
        poison: or None.
        tells_moments: whether it names all moments of a scope when it leaves one.
    """

    events: str
    acts: tuple[Act, ...] = ()
    poison: Poison | None = None
    tells_moments: bool = False

    def to_text(self) -> str:
        """Return the plan as the value of an environment variable."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Plan:
        """Read what `to_text` returned."""
        plain = json.loads(text)
        poison = plain["poison"] and Poison(**plain["poison"])
        return cls(**{**plain, "acts": tuple(Act(**each) for each in plain["acts"]), "poison": poison})


def read_events(path: Path) -> list[Event]:
    """Return what a process told: `begins`, `left` (a scope) and `fault`, in order."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def images_of(events: list[Event], event: str, scope: str | None = None) -> list[int]:
    """Return the image counts at the events of a kind."""
    found = [each for each in events if each["event"] == event]
    return [each["images"] for each in found if scope is None or each["scope"] == scope]
