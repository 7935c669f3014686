"""What will be run: each method on each suite, with learning rates to choose from and seeds to report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gan_zoo.benchmark.options import Options
from gan_zoo.benchmark.suites import REAL, TUNING_SEEDS
from gan_zoo.config import RunConfig
from gan_zoo.config.grammar import quoted
from gan_zoo.errors import UserError

PROTOCOL = 2  # of the scores; a change makes every run new
SIZE_OF_DIGEST = 8
QUIET = ("logger=none", "callbacks=scored", "guard=off")


@dataclass(frozen=True)
class Setting:
    """A method on a suite, as the configuration files have it.

    Attributes:
        suite: name.
        method: name.
        rates: learning rates to choose from.
        generator_steps: of each reported run, the budget included.
        tuning_steps: of each run that a rate is chosen by.
        batch_size: of D's steps, in packs.
        digest: of all that decides what a run computes, but for its seed and learning rate.
        overrides: what is typed for each run.
        data: name and parameters of the data set.
    """

    suite: str
    method: str
    rates: tuple[float, ...]
    generator_steps: int
    tuning_steps: int
    batch_size: int
    digest: str
    overrides: tuple[str, ...]
    data: dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One run to train and score; or the score of real data.

    Attributes:
        suite: name.
        method: name.
        seed: of the run.
        rate: its learning rate.
        tuning: whether it only helps to choose a rate.
        folder: of the run; `benchmark.json` in it is its score.
        overrides: what is typed for it.
        data: name and parameters of the data set.
    """

    suite: str
    method: str
    seed: int
    rate: float
    tuning: bool
    folder: Path
    overrides: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages call it."""
        if self.method == REAL:
            return f"{self.suite}, {self.method}"
        return f"{self.suite}, {self.method}, rate {self.rate:g}, seed {self.seed}"


def form_of(method: str, suite: str, folder: Path) -> str:
    """Return the name of a method's configuration for a suite: `best_ring` if there is one, else `best`."""
    special = f"{method}_{suite}"
    return special if (folder / "method" / f"{special}.yaml").is_file() else method


def compose_setting(folder: Path, suite: str, method: str, options: Options) -> Setting:
    """Compose a method on a suite from the configuration files below `folder`, and check it.

    Raises:
        UserError: for values out of range.
    """
    from hydra import compose, initialize_config_dir

    asked = [f"benchmark={suite}", f"method={form_of(method, suite, folder)}", f"trainer={options.trainer}"]
    asked += [f"trainer.threads={options.threads}", *QUIET]
    with initialize_config_dir(str(folder), version_base="1.3"):
        composed = compose("train", [*asked, "run_dir=unused"])
    steps = max(1, round(float(composed.benchmark.generator_steps) * options.budget))
    tuning_steps = max(1, round(steps * options.tuning_budget))
    composed.benchmark.generator_steps = steps  # all that is counted in steps follows
    config = RunConfig.from_hydra(composed, asked, run_dir="unused").to_plain()
    rates = tuple(float(rate) for rate in composed.benchmark.learning_rates)
    size, digest = int(config["batch_size"]), _digest(config)
    return Setting(suite, method, rates, steps, tuning_steps, size, digest, tuple(asked), config["data"])


def compose_settings(folder: Path, suite: str, options: Options) -> list[Setting]:
    """Compose all methods that were asked for on a suite, and check that they are compared fairly.

    Raises:
        UserError: for values out of range, or methods with more rates to choose from than others.
    """
    settings = [compose_setting(folder, suite, method, options) for method in options.methods]
    if len({len(setting.rates) for setting in settings}) > 1:
        counts = ", ".join(f"{setting.method} {len(setting.rates)}" for setting in settings)
        raise UserError(
            f"On {suite} all methods must have equally many learning rates to choose from, but there are: "
            f"{counts}. Change benchmark.learning_rates in conf/method/*.yaml."
        )
    return settings


def shared(settings: Sequence[Setting], key: str) -> str:
    """Return a number that methods have in common, and in brackets those of methods that have their own.

    Example:
        >>> shared([Setting("ring", name, (), steps, 1, 1, "", (), {}) for name, steps in
        ...         (("js", 1500), ("best", 8000))], "generator_steps")
        '1,500 (`best`: 8,000)'
    """
    common = getattr(settings[0], key)
    others = {setting.method: getattr(setting, key) for setting in settings}
    own = ", ".join(f"`{method}`: {other:,}" for method, other in others.items() if other != common)
    return f"{common:,} ({own})" if own else f"{common:,}"


def tuning_jobs(settings: Sequence[Setting], out: Path) -> list[Job]:
    """Return the runs that learning rates are chosen by, costly methods spread out."""
    return [
        _job(setting, seed, setting.rates[place], True, out)
        for seed in TUNING_SEEDS
        for place in range(max(len(setting.rates) for setting in settings))
        for setting in settings
    ]


def report_jobs(
    settings: Sequence[Setting], chosen: dict[str, float], seeds: Sequence[int], out: Path
) -> list[Job]:
    """Return the runs that are reported, of methods that have a chosen rate."""
    return [
        _job(setting, seed, chosen[setting.method], False, out)
        for seed in seeds
        for setting in settings
        if setting.method in chosen
    ]


def real_job(setting: Setting, out: Path) -> Job:
    """Return the score of a suite's real data."""
    job = _job(setting, 0, 0.0, False, out)
    return replace(job, method=REAL, folder=out / setting.suite / "real_data" / setting.digest)


def _job(setting: Setting, seed: int, rate: float, tuning: bool, out: Path) -> Job:
    sweep = out / setting.suite / setting.method
    steps = setting.tuning_steps if tuning else setting.generator_steps
    name = f"lr{rate:g}_seed{seed}_{setting.digest}" + (f"_{steps}steps" if tuning else "")
    typed = (f"benchmark.generator_steps={steps}", f"optimizer.lr={rate!r}", f"seed={seed}")
    place = (f"hydra.sweep.dir={quoted(sweep)}", f"hydra.sweep.subdir={name}")
    overrides = (*setting.overrides, *typed, *place)
    return Job(setting.suite, setting.method, seed, rate, tuning, sweep / name, overrides, setting.data)


def _digest(config: dict[str, Any]) -> str:
    """Return the hash of a configuration without what differs between runs or machines."""
    kept = {key: value for key, value in config.items() if key not in ("seed", "run_dir")}
    kept["optimizer"] = {key: value for key, value in config["optimizer"].items() if key != "lr"}
    kept["data"] = {key: value for key, value in config["data"].items() if key not in ("root", "download")}
    text = json.dumps([PROTOCOL, kept], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:SIZE_OF_DIGEST]
