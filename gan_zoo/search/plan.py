"""What a search does: read from conf/search and from what is typed, and checked before anything begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml  # type: ignore[import-untyped]
from optuna.distributions import distribution_to_json

from gan_zoo.config import checks
from gan_zoo.config.plain import from_plain
from gan_zoo.config.started import key_of, merged_overrides
from gan_zoo.diagnosis.findings import KINDS
from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.search.space import Space, read_space

Direction = Literal["minimize", "maximize"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
SAMPLERS = ("tpe", "random")
PREFIX = "search."
OURS = ("run_dir", "resume", "hydra.run.dir", "hydra.sweep.dir")  # keys that each trial gets from the search
ROOT = Path("outputs/searches")
SIZE_OF_DIGEST = 8


@dataclass(frozen=True)
class SearchConfig:
    """The options of a search.

    Attributes:
        trials: how many runs in all, those of earlier times included.
        jobs: runs side by side.
        objectives: by column of metrics.csv, `minimize` or `maximize`; several make a Pareto front.
        average: how many of the last values of a column are averaged.
        prune: kinds of findings that make a finished run count as pruned; what the guard stopped always does.
        sampler: `tpe` learns from what was tried, `random` does not.
        startup: random trials before `tpe` begins to learn.
        seed: of the sampler.
        overrides: what holds for every trial, unless something else is typed.
        space: values to search over by key, in Hydra's grammar, unless something else is typed.
        out: folder of the search, or None for one below outputs/searches that the same words find again.
    """

    trials: int = 20
    jobs: int = 1
    objectives: Mapping[str, Direction] = field(default_factory=dict)
    average: int = 3
    prune: tuple[str, ...] = ("collapse", "divergence")
    sampler: str = "tpe"
    startup: int = 10
    seed: int = 0
    overrides: tuple[str, ...] = ()
    space: Mapping[str, str] = field(default_factory=dict)
    out: str | None = None

    def __post_init__(self) -> None:
        for name, least in (("trials", 1), ("jobs", 1), ("average", 1), ("startup", 1), ("seed", 0)):
            checks.whole(f"{PREFIX}{name}", getattr(self, name), least, max(least, 2))
        checks.choice(f"{PREFIX}sampler", self.sampler, SAMPLERS)
        _check_objectives(self.objectives)
        for kind in self.prune if isinstance(self.prune, (list, tuple)) else [self.prune]:
            if kind not in KINDS:
                raise UserError(f"{PREFIX}prune={self.prune}: {did_you_mean(str(kind), KINDS)}")
        if not isinstance(self.space, Mapping) or not isinstance(self.overrides, (list, tuple)):
            raise UserError(
                f"{PREFIX}space is a dictionary and {PREFIX}overrides a list, in conf/search/*.yaml."
            )


@dataclass(frozen=True)
class Plan:
    """A search, ready to begin.

    Attributes:
        config: its options.
        fixed: overrides of every trial.
        space: values to search over.
        out: its folder.
    """

    config: SearchConfig
    fixed: tuple[str, ...]
    space: Space
    out: Path

    @property
    def objectives(self) -> dict[str, Direction]:
        """Column by column, `minimize` or `maximize`."""
        return dict(self.config.objectives)


def read_plan(name: str, text: str, typed: Sequence[str]) -> Plan:
    """Read a search.

    Args:
        name: of the file below conf/search.
        text: its content.
        typed: what was typed, in Hydra's grammar; `search.KEY=VALUE` are options of the search.

    Raises:
        UserError: for an option that is unknown or out of range, or nothing to search over.
    """
    given = dict(yaml.safe_load(text) or {})
    for word in typed:
        if key_of(word).startswith(PREFIX):
            given[key_of(word).removeprefix(PREFIX)] = _value(word)
    config = from_plain(SearchConfig, given, "search")
    searched = [f"{key}={value}" for key, value in config.space.items()]
    words = [word for word in typed if not key_of(word).startswith(PREFIX)]
    for word in words:
        if key_of(word) in OURS:
            raise UserError(
                f"'{word}': every trial has its own folder. Type search.out=DIR for the search's."
            )
    fixed, space = read_space(merged_overrides([*config.overrides, *searched], words))
    if not space:
        raise UserError(
            "Nothing to search over. Type values to try, such as loss=js,hinge or "
            "'optimizer.lr=tag(log,interval(1e-4,1e-2))', or take a space that is there: search=rates."
        )
    out = Path(config.out).expanduser() if config.out else ROOT / f"{name}_{digest(config, fixed, space)}"
    return Plan(config, tuple(fixed), space, out)


def identity(config: SearchConfig, fixed: Sequence[str], space: Space) -> dict[str, Any]:
    """Return what must be equal for a search to go on: all that decides what is tried and how it ranks."""
    searched = {key: json.loads(distribution_to_json(each)) for key, each in space.items()}
    kept = {key: getattr(config, key) for key in ("average", "sampler", "startup", "seed")}
    objectives, prune = dict(config.objectives), list(config.prune)
    return {"overrides": list(fixed), "space": searched, "objectives": objectives, "prune": prune, **kept}


def digest(config: SearchConfig, fixed: Sequence[str], space: Space) -> str:
    """Return a short name of a search's identity."""
    text = json.dumps(identity(config, fixed, space), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:SIZE_OF_DIGEST]


def _value(word: str) -> Any:
    try:
        return yaml.safe_load(word.partition("=")[2])
    except yaml.YAMLError as error:
        raise UserError(f"Cannot read '{word}': {' '.join(str(error).split())}") from error


def _check_objectives(objectives: Any) -> None:
    example = "'search.objectives={collapse/energy_distance: minimize}'"
    if not isinstance(objectives, Mapping) or not objectives:
        raise UserError(f"search.objectives={objectives}: give columns of metrics.csv, as in {example}")
    for column, direction in objectives.items():
        if direction not in DIRECTIONS:
            raise UserError(
                f"search.objectives: {column}: {direction}. {did_you_mean(str(direction), DIRECTIONS)}"
            )
