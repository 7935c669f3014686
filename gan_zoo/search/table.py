"""What a search says at its end: a table of all trials, the best first, and what to type for those."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from gan_zoo.search.plan import Plan
from gan_zoo.search.running import words_of
from gan_zoo.search.study import Memory

CSV = "search.csv"
WORDS = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "open",
}
ORDER = list(WORDS)
BEST = "*"


def closing(plan: Plan, memory: Memory) -> str:
    """Return the table of all trials, how many ended how, and the commands of the best."""
    trials, best = memory.trials(), memory.best()
    counts = [f"{sum(each.state == state for each in trials)} {word}" for state, word in WORDS.items()]
    lines = [
        grid(rows(plan, memory)),
        "",
        f"{len(trials)} trials: {', '.join(counts)}; all of it: {plan.out / CSV}",
    ]
    if best:
        how = ", ".join(f"{direction} {column}" for column, direction in plan.objectives.items())
        lines += ["", f"Best ({BEST}): {how}. Train again, longer or with another seed=, by:"]
        lines += [f"  python train.py {shlex.join(words_of(plan, trial))}" for trial in best]
    else:
        lines.append("No trial is complete. Widen the space, or look at the reasons above.")
    return "\n".join(lines)


def rows(plan: Plan, memory: Memory) -> list[list[str]]:
    """Return the cells of the table, its titles first; the best trials come first, those that failed last."""
    best = {trial.number for trial in memory.best()}
    titles = ["trial", "", *plan.objectives, *plan.space, "reason"]
    table = [titles]
    first = next(iter(plan.objectives.values()))
    for trial in sorted(memory.trials(), key=lambda each: _rank(each, best, first)):
        values = [_shown(value) for value in trial.values or ["-"] * len(plan.objectives)]
        chosen = [_shown(trial.params.get(key, "-")) for key in plan.space]
        mark = BEST if trial.number in best else WORDS.get(trial.state, "")
        table.append([str(trial.number), mark, *values, *chosen, memory.reason(trial)])
    return table


def comma_separated(plan: Plan, memory: Memory) -> str:
    """Return the same as CSV, with whole numbers and every trial's folder."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["trial", "state", "best", *plan.objectives, *plan.space, "folder", "reason"])
    best = {trial.number for trial in memory.best()}
    for trial in memory.trials():
        values: Sequence[Any] = trial.values or [""] * len(plan.objectives)
        chosen = [trial.params.get(key, "") for key in plan.space]
        place = f"trials/{trial.number:04d}"
        found = [trial.number, WORDS.get(trial.state, ""), trial.number in best]
        writer.writerow([*found, *values, *chosen, place, memory.reason(trial)])
    return file.getvalue()


def grid(table: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines with columns."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    padded = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join(line.rstrip() for line in padded)


def _rank(trial: FrozenTrial, best: set[int], direction: str) -> tuple[Any, ...]:
    sign = 1.0 if direction == "minimize" else -1.0
    value = sign * trial.values[0] if trial.values else 0.0
    return trial.number not in best, ORDER.index(trial.state), value, trial.number


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
