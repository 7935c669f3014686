"""The comparison: real data, then rates on tuning seeds, then the reported runs, suite after suite."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from gan_zoo.benchmark.choose import choose_rate
from gan_zoo.benchmark.options import Options
from gan_zoo.benchmark.plan import Job, Setting, compose_settings, real_job, report_jobs, tuning_jobs
from gan_zoo.benchmark.suites import SUITES, TUNING_SEEDS, Figures, Suite
from gan_zoo.benchmark.work import Failed, read_score

Score = dict[str, Any]
LIVE_S, PLAIN_S = 0.5, 30.0  # seconds between two looks of the bar, on a terminal and elsewhere


class Pool(Protocol):
    """Whatever does jobs: worker processes."""

    def run(self, jobs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield jobs with their outcomes."""


@dataclass
class Results:
    """What is known of a suite.

    Attributes:
        suite: what it is.
        settings: its methods, in order.
        real: score of its data, None if that failed.
        tuning: scores of tuning runs.
        chosen: learning rate by method.
        reported: scores of reported runs.
        failed: jobs without a score, and why.
    """

    suite: Suite
    settings: list[Setting]
    real: Score | None = None
    tuning: list[Score] = field(default_factory=list)
    chosen: dict[str, float] = field(default_factory=dict)
    reported: list[Score] = field(default_factory=list)
    failed: list[tuple[Job, str]] = field(default_factory=list)

    def of(self, method: str) -> list[Score]:
        """Return the reported scores of a method, by seed."""
        found = [score for score in self.reported if score["method"] == method]
        return sorted(found, key=lambda score: score["seed"])

    def by_rate(self, setting: Setting) -> dict[float, list[Figures]]:
        """Return the figures of a method's tuning runs, by learning rate."""
        own = [score for score in self.tuning if score["method"] == setting.method]
        return {
            rate: [score["figures"] for score in own if score["learning_rate"] == rate]
            for rate in setting.rates
        }


def plan(folder: Path, options: Options) -> list[Results]:
    """Compose every method on every suite, so that mistakes show before the first run.

    Raises:
        UserError: for a configuration that cannot be read.
    """
    return [Results(SUITES[name], compose_settings(folder, name, options)) for name in options.suites]


def compare(
    planned: Sequence[Results], options: Options, pool: Pool, report: Callable[[], object] = lambda: None
) -> None:
    """Do all runs that have no score yet, and fill in the results.

    Args:
        planned: suites without scores.
        options: what was asked for.
        pool: does the jobs.
        report: called after each suite.
    """
    with _Bar(_count(planned, options)) as bar:
        for results in planned:
            settings = results.settings
            first = [real_job(settings[0], options.out), *tuning_jobs(settings, options.out)]
            for job, score in _done(first, results, pool, bar):
                if job.tuning:
                    results.tuning.append(score)
                else:
                    results.real = score
            results.chosen = _choose(results)
            bar.skip((len(settings) - len(results.chosen)) * len(options.seeds))
            second = report_jobs(settings, results.chosen, options.seeds, options.out)
            results.reported += [score for _, score in _done(second, results, pool, bar)]
            report()


def _count(planned: Sequence[Results], options: Options) -> int:
    runs = len(options.seeds)
    return sum(
        1 + sum(len(TUNING_SEEDS) * len(setting.rates) + runs for setting in results.settings)
        for results in planned
    )


def _done(jobs: Sequence[Job], results: Results, pool: Pool, bar: _Bar) -> Iterator[tuple[Job, Score]]:
    """Yield the scores of jobs: those that lie there first, then new ones; note failures."""
    waiting = []
    for job in jobs:
        score = read_score(job)
        if score is None:
            waiting.append(job)
        else:
            bar.skip(1)
            yield job, score
    for job, outcome in pool.run(waiting):
        if isinstance(outcome, dict):
            yield job, outcome
        else:
            why = outcome.reason if isinstance(outcome, Failed) else str(outcome)
            results.failed.append((job, why))
            bar.say(f"failed: {job.name}: {why}")
        bar.step(job, len(results.failed))


def _choose(results: Results) -> dict[str, float]:
    """Return each method's learning rate; methods whose tuning runs all failed are left out."""
    chosen = {}
    for setting in results.settings:
        rate = choose_rate(results.by_rate(setting))
        if rate is not None:
            chosen[setting.method] = rate
    return chosen


class _Bar:
    """A bar over all runs; runs that were done before count, but not for the time left."""

    def __init__(self, total: int) -> None:
        often = LIVE_S if sys.stderr.isatty() else PLAIN_S
        self._bar = tqdm(total=total, unit="run", dynamic_ncols=True, smoothing=0.0, mininterval=often)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def skip(self, count: int) -> None:
        """Count runs that take no time."""
        self._bar.initial += count
        self._bar.update(count)

    def step(self, job: Job, failed: int) -> None:
        """Count a run that was done now."""
        self._bar.set_postfix_str(f"{job.suite} {job.method}, {failed} failed", refresh=False)
        self._bar.update(1)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.write(text)
