"""The table: every method's mean and spread, every seed, what papers printed, and what failed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev
from typing import Any

from gan_zoo.benchmark.choose import RULE, is_tie
from gan_zoo.benchmark.compare import Results, Score
from gan_zoo.benchmark.plan import shared
from gan_zoo.benchmark.published import PUBLISHED
from gan_zoo.benchmark.suites import OURS, REAL, TUNING_SEEDS, Figure, Figures, Suite

WHO = ("suite", "method", "purpose", "seed", "learning_rate", "generator_steps", "kimg", "seconds")


def markdown(results: Sequence[Results], head: Sequence[str]) -> str:
    """Return everything as Markdown, one section per suite.

    Args:
        results: suites, in order.
        head: lines that say where and how it was measured.
    """
    parts = ["\n".join(f"- {line}" for line in head)]
    parts += [_section(each) for each in results if each.reported or each.failed]
    return "\n\n".join(parts) + "\n"


def _section(results: Results) -> str:
    suite = results.suite
    blocks = [
        f"### {suite.title}",
        _conditions(results),
        _means(results),
        "Every seed:",
        _every_seed(results),
    ]
    ties = [f"`{each.method}`" for each in results.settings if is_tie(results.by_rate(each))]
    if ties:
        blocks.append(
            f"All rates scored the same while tuning, and the smallest was taken: {', '.join(ties)}. A "
            f"larger `tuning_budget` may tell them apart."
        )
    if suite.goals:
        blocks.append(_goals(results))
    if PUBLISHED[suite.name]:
        blocks += ["Published, by other networks under other protocols:", _published(suite)]
    if results.failed:
        lines = [f"- {job.name}: {why}" for job, why in results.failed]
        blocks.append("Failed runs:\n\n" + "\n".join(lines))
    return "\n\n".join(blocks)


def _conditions(results: Results) -> str:
    suite = results.suite
    rates = sorted({each.rates for each in results.settings})
    grid = "; ".join(", ".join(f"{rate:g}" for rate in each) for each in rates)
    seeds = ", ".join(map(str, TUNING_SEEDS))
    steps, batch, tuning = (
        shared(results.settings, key) for key in ("generator_steps", "batch_size", "tuning_steps")
    )
    text = (
        f"{steps} steps of the generator in batches of {batch}; learning rate out of {grid}, chosen by "
        f"{tuning} steps on seed {seeds}: {RULE}. "
        f"Scores from {suite.samples:,} samples of the averaged generator"
    )
    if suite.published_samples:
        text += (
            f"; columns marked *published* follow the papers' protocol, {suite.published_samples:,} samples"
        )
    judge = next((score["judged_by"] for score in results.reported if score["judged_by"]), None)
    if judge:
        share = f"{judge['test_accuracy']:.1%}"
        text += f"; classes are told apart by `{judge['id']}`, right on {share} of held-out digits"
    return f"{text}. Mean ± standard deviation over seeds."


def _means(results: Results) -> str:
    suite = results.suite
    titles = [figure.title for figure in suite.figures]
    rows = []
    if results.real is not None:
        cells = [figure.show_one(results.real["figures"].get(figure.key)) for figure in suite.figures]
        rows.append([REAL, *cells, "-", "-", "-"])
    for setting in results.settings:
        scores = results.of(setting.method)
        cells = [spread(figure, [score["figures"] for score in scores]) for figure in suite.figures]
        seconds = f"{fmean(score['seconds'] for score in scores):.0f}" if scores else "-"
        rate = f"{results.chosen[setting.method]:g}" if setting.method in results.chosen else "-"
        rows.append([f"`{setting.method}`", *cells, rate, seconds, str(len(scores))])
    return grid_of(["method", *titles, "rate", "s / run", "seeds"], rows)


def spread(figure: Figure, runs: Sequence[Figures]) -> str:
    """Return mean and sample standard deviation of a figure over runs; runs without it are left out.

    Example:
        >>> spread(Figure("modes", "modes"), [{"modes": 8}, {"modes": 7}])
        '7.5 ± 0.7'
    """
    values = [value for run in runs if (value := run.get(figure.key)) is not None]
    if not values:
        return "-"
    mean = figure.show(fmean(values))
    return f"{mean} ± {figure.show(stdev(values))}" if len(values) > 1 else mean


def _every_seed(results: Results) -> str:
    shown = [figure for figure in results.suite.figures if not figure.key.startswith("published")]
    seeds = sorted({score["seed"] for score in results.reported})
    rows = []
    for setting in results.settings:
        by_seed = {score["seed"]: score["figures"] for score in results.of(setting.method)}
        rows.append([f"`{setting.method}`", *(_one(shown, by_seed.get(seed)) for seed in seeds)])
    titles = " / ".join(figure.title for figure in shown)
    return grid_of([titles, *(f"seed {seed}" for seed in seeds)], rows)


def _one(figures: Iterable[Figure], run: Figures | None) -> str:
    return "failed" if run is None else " / ".join(figure.show_one(run.get(figure.key)) for figure in figures)


def _goals(results: Results) -> str:
    """Say which seeds of our own recipe reach the goals."""
    goals = ", ".join(_bounds(results.suite, goal) for goal in results.suite.goals)
    scores = results.of(OURS)
    if not scores:
        return f"Goals of `{OURS}`: {goals}. It was not run."
    missed = [score["seed"] for score in scores if not results.suite.goals_met(score["figures"])]
    verdict = "met by every seed" if not missed else f"missed by {len(missed)} of {len(scores)} seeds"
    which = f" ({', '.join(map(str, missed))})" if missed else ""
    return f"Goals of `{OURS}`: {goals}: **{verdict}**{which}."


def _bounds(suite: Suite, goal: Any) -> str:
    figure = next((each for each in suite.figures if each.key == goal.key), Figure(goal.key, goal.key))
    scale = 100.0 if figure.percent else 1.0
    low, high = f"{goal.low * scale:g}", f"{goal.high * scale:g}"
    if high == "inf":
        return f"{figure.title} at least {low}"
    return f"{figure.title} at most {high}" if low == "-inf" else f"{figure.title} {low} to {high}"


def _published(suite: Suite) -> str:
    rows = [[row.method, row.modes, row.high_quality, row.kl, row.protocol] for row in PUBLISHED[suite.name]]
    return grid_of(["published method", "modes", "high quality %", "KL", "protocol"], rows)


def grid_of(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(titles), ["---"] * len(titles), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def comma_separated(results: Sequence[Results]) -> str:
    """Return every run as a row of CSV: tuning, reported and published ones, and real data."""
    names = dict.fromkeys(figure.key for each in results for figure in each.suite.figures)
    file = io.StringIO()
    writer = csv.DictWriter(file, [*WHO, *names, "goals_met", "note"], restval="", extrasaction="ignore")
    writer.writeheader()
    for each in results:
        writer.writerows(_rows(each))
    return file.getvalue()


def _rows(results: Results) -> Iterable[dict[str, Any]]:
    purposes: list[tuple[str, list[Score]]] = [("tuning", results.tuning), ("report", results.reported)]
    if results.real is not None:
        purposes.append(("real data", [results.real]))
    for purpose, scores in purposes:
        for score in scores:
            met = results.suite.goals_met(score["figures"]) if results.suite.goals else ""
            yield {**score, **score["figures"], "purpose": purpose, "goals_met": met}
    for job, why in results.failed:
        who = {"suite": job.suite, "method": job.method, "seed": job.seed, "learning_rate": job.rate}
        yield {**who, "purpose": "failed", "note": why}
    for row in PUBLISHED[results.suite.name]:
        who = {"suite": results.suite.name, "method": row.method, "purpose": "published", "modes": row.modes}
        yield {**who, "high_quality": f"{row.high_quality} %", "kl": row.kl, "note": row.protocol}
