"""The options of `scripts/collapse_benchmark.py`, read and checked without torch."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_zoo.benchmark.document import insert
from gan_zoo.benchmark.suites import METHODS, SUITES, TOY, TUNING_SEEDS
from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Compare methods against mode collapse: tune each alike, train it with several seeds, write one table.

usage: {command} suite=toy|ring|grid|gaussians_1200d|digits|stacked_mnist [option=value ...]

  suite=toy              ring, grid, gaussians_1200d and digits; or one suite
  methods=[js,best]      which ones; all unless given:
{methods}
  seeds=[0,1,2]          reported runs; rates are chosen on another seed, {tuning}
  jobs=2                 runs side by side, each on one thread
  budget=1.0             multiplies the generator steps of every run, tuning included
  tuning_budget=0.5      what of it the runs get that a rate is chosen by
  out=outputs/benchmark  where runs and tables go
  trainer=cpu            or gpu, mps, auto
  threads=1              of torch, for each job
  docs=FILE              also write the table between the markers of this Markdown file

Finished runs are kept: the same command goes on where it was stopped.
One run alone: python train.py benchmark=ring method=wgangp seed=3
"""
TRAINERS = ("cpu", "gpu", "mps", "auto")


@dataclass(frozen=True)
class Options:
    """What to compare and how.

    Attributes:
        suites: names, in order.
        methods: names, in order.
        seeds: of the reported runs.
        jobs: runs side by side.
        budget: factor on every run's generator steps.
        tuning_budget: further factor on those of the runs that a rate is chosen by.
        out: folder of runs and tables.
        trainer: what runs train on.
        threads: of torch, for each job.
        docs: Markdown file that also gets the table, or None.
        typed: the arguments, for the table's head.
    """

    suites: tuple[str, ...]
    methods: tuple[str, ...] = METHODS
    seeds: tuple[int, ...] = (0, 1, 2)
    jobs: int = 2
    budget: float = 1.0
    tuning_budget: float = 0.5
    out: Path = Path("outputs/benchmark")
    trainer: str = "cpu"
    threads: int = 1
    docs: Path | None = None
    typed: str = field(default="", compare=False)


def help_text(command: str) -> str:
    """Return the help, with the methods in lines."""
    lines = [", ".join(METHODS[start : start + 6]) for start in range(0, len(METHODS), 6)]
    methods = ",\n".join(f"{'':25}{line}" for line in lines)
    return HELP.format(command=command, methods=methods, tuning=", ".join(map(str, TUNING_SEEDS)))


def read_options(arguments: Sequence[str]) -> Options:
    """Read `key=value` arguments.

    Raises:
        UserError: for an unknown key, a value of the wrong kind, or no suite.
    """
    given: dict[str, Any] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(
                f"'{argument}' is not of the form key=value. Type for example suite=ring seeds=[0,1]"
            )
        if key not in READERS:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, READERS)}")
        if READERS[key][0] in given:
            raise UserError(f"'{key}' is given twice. Give it once.")
        given[READERS[key][0]] = READERS[key][1](key, value)
    if "suites" not in given:
        raise UserError(f"Which suite? Type suite=toy, or one of: {', '.join(SUITES)}.")
    return Options(**given, typed=shlex.join(arguments))


def _members(value: str) -> list[str]:
    inner = value.strip().removeprefix("[").removesuffix("]")
    return [member.strip().strip("\"'") for member in inner.split(",") if member.strip()]


def _suites(key: str, value: str) -> tuple[str, ...]:
    if value == "toy":
        return TOY
    if value not in SUITES:
        raise UserError(f"{key}={value}: there is no such suite. {did_you_mean(value, ['toy', *SUITES])}")
    return (value,)


def _methods(key: str, value: str) -> tuple[str, ...]:
    names = _members(value)
    for name in names:
        if name not in METHODS:
            raise UserError(f"{key}={value}: there is no method '{name}'. {did_you_mean(name, METHODS)}")
    if not names or len(set(names)) < len(names):
        raise UserError(f"{key}={value}: give each method once, at least one, as in {key}=[js,best]")
    return tuple(names)


def _seeds(key: str, value: str) -> tuple[int, ...]:
    members = _members(value)
    seeds = tuple(_number(key, member, int, 0) for member in members)
    if not seeds or len(set(seeds)) < len(seeds):
        raise UserError(f"{key}={value}: give each seed once, at least one, as in {key}=[0,1,2]")
    for seed in seeds:
        if seed in TUNING_SEEDS:
            raise UserError(
                f"{key}={value}: learning rates are chosen on seed {seed}, so it cannot be reported."
            )
    return seeds


def _number(key: str, value: str, kind: Callable[[str], Any], least: float) -> Any:
    try:
        number = kind(value)
    except ValueError:
        number = math.nan
    if not least <= number < math.inf:
        wanted = "a whole number" if kind is int else "a number"
        raise UserError(f"{key}={value}: give {wanted} of at least {least:g}, such as {key}=2")
    return number


def _count(key: str, value: str) -> int:
    return int(_number(key, value, int, 1))


def _factor(key: str, value: str) -> float:
    return float(_number(key, value, float, 1e-6))


def _path(key: str, value: str) -> Path:
    if not value:
        raise UserError(f"{key}= is empty. Type for example {key}=outputs/mine")
    return Path(value).expanduser()


def _document(key: str, value: str) -> Path:
    path = _path(key, value)
    try:
        insert(path.read_text(encoding="utf-8"), "")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{key}={value}: {why}. Give a document like docs/benchmarks.md.") from error
    return path


def _trainer(key: str, value: str) -> str:
    if value not in TRAINERS:
        raise UserError(f"{key}={value}: there is no such trainer. {did_you_mean(value, TRAINERS)}")
    return value


READERS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "suite": ("suites", _suites),
    "methods": ("methods", _methods),
    "seeds": ("seeds", _seeds),
    "jobs": ("jobs", _count),
    "budget": ("budget", _factor),
    "tuning_budget": ("tuning_budget", _factor),
    "out": ("out", _path),
    "trainer": ("trainer", _trainer),
    "threads": ("threads", _count),
    "docs": ("docs", _document),
}
