"""What a trial's run is worth, from the files that it left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.run_files import RunFiles
from gan_zoo.search.plan import Plan

LONGEST_REASON = 300
REFUSED = 2
DONE = ("finished", "stopped")


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        kind: `complete` with values, `pruned` or `failed` with a reason, `interrupted` to be gone on with.
        values: of the objectives, in order.
        reason: in one line, why there are no values.
    """

    kind: Literal["complete", "pruned", "failed", "interrupted"]
    values: tuple[float, ...] = ()
    reason: str = ""


def judge(run: RunFiles, plan: Plan, code: int, log: str) -> Outcome:
    """Return how a trial ended.

    Args:
        run: its files.
        plan: the search.
        code: exit code of its process; negative for a signal.
        log: what it printed.

    Raises:
        UserError: if a finished run lacks a column that an objective names; all others would lack it too.
    """
    if run.state in ("preempted", "interrupted"):
        return Outcome("interrupted", reason="a signal ended it")
    if run.state not in DONE:
        return Outcome("failed", reason=_reason(run, code, log))
    for each in _actions(run):
        if each.get("action") == "stop":
            return Outcome("pruned", reason=_said(str(each.get("because")), each))
    if run.state == "stopped":
        return Outcome("pruned", reason=f"it stopped at {run.kimg:g} kimg")
    for each in run.findings:
        if each.get("kind") in plan.config.prune:
            return Outcome("pruned", reason=_said(str(each["kind"]), each))
    values = tuple(_last(run, column, plan.config.average) for column in plan.objectives)
    for column, value in zip(plan.objectives, values, strict=True):
        if not math.isfinite(value):
            return Outcome("pruned", reason=f"{column} is not finite")
    return Outcome("complete", values)


def _actions(run: RunFiles) -> list[dict[str, object]]:
    found = ((run.summary or {}).get("guard") or {}).get("actions")
    return found if isinstance(found, list) else []


def _said(kind: str, finding: dict[str, object]) -> str:
    return _short(
        f"{kind.replace('_', ' ')} since {finding.get('since_kimg')} kimg: {finding.get('evidence')}"
    )


def _last(run: RunFiles, column: str, count: int) -> float:
    """Return the mean of the last values of a column."""
    _, values = run.series(column)
    if not values:
        known = sorted({name for row in run.rows() for name in row})
        raise UserError(
            f"search.objectives: {run.path}/metrics.csv has no column '{column}'. "
            f"{did_you_mean(column, known)} Columns quality/... need metrics=fast, others callbacks=default."
        )
    last = values[-count:]
    return math.fsum(last) / len(last)


def _reason(run: RunFiles, code: int, log: str) -> str:
    """Return why a run failed: what refused it, else its error, else the last line that it printed."""
    error = (run.summary or {}).get("error")
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    refusals = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if code == REFUSED and refusals:
        return _short(refusals[-1])
    if error:
        return _short(str(error).splitlines()[0])
    said = f", and said: {lines[-1]}" if lines else " and said nothing"
    return _short(f"it left with exit code {code}{said}")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
