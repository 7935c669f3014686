"""How a run ended: from its own summary, else from the record of the sweep to which it belongs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_zoo.report.words import STATES
from gan_zoo.run_files import RunFiles

SWEEP = "sweep.json"
ENDED_BADLY = ("failed", "refused")  # what a sweep knows of jobs that left no summary
BARE = "It has left only what was typed: it has just begun, or was refused or killed before its first step."
ASKED = ("preempted", "interrupted")  # whose error is no mistake, but the name of a signal
DEPTH = 3  # of a run's folder below its sweep's


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        state: as `RunFiles.state` has it, or `refused`.
        reason: in a sentence, where the run has not reached its end.
    """

    state: str
    reason: str = ""

    @property
    def about(self) -> str:
        """What the state means, for its reader."""
        return BARE if self.reason == BARE else STATES[self.state]


class Outcomes:
    """Tells outcomes; it reads the record of each sweep once."""

    def __init__(self) -> None:
        self._records: dict[Path, dict[Path, Mapping[str, Any]]] = {}

    def of(self, run: RunFiles) -> Outcome:
        """Return how a run ended."""
        state = run.state
        if state in ("finished", "stopped"):
            return Outcome(state)
        error = str((run.summary or {}).get("error") or "")
        if state in ASKED:
            return Outcome(state, STATES[state] + (f" ({error})" if error else ""))
        if state == "unfinished":
            job = self._job(run)
            if job.get("state") in ENDED_BADLY:
                state_then = str(job["state"])
                return Outcome(state_then, str(job.get("reason") or STATES[state_then]))
            if not run.config and not run.rows():
                return Outcome(state, BARE)
        return Outcome(state, error or STATES[state])

    def _job(self, run: RunFiles) -> Mapping[str, Any]:
        """Return what the sweep of a run says about it, or nothing."""
        path = run.place.resolve()
        for folder in path.parents[:DEPTH]:
            if folder not in self._records:
                self._records[folder] = _jobs(folder)
            if path in self._records[folder]:
                return self._records[folder][path]
        return {}


def is_saved(run: RunFiles) -> bool:
    """Say whether there is a checkpoint from which a run can go on."""
    return any((run.place / "checkpoints").glob("*.ckpt"))


def failures(
    runs: Sequence[RunFiles], outcomes: Mapping[int, Outcome], told: Mapping[int, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the runs that did not reach their end; those of one method with one reason stand together.

    Args:
        runs: in the order of the page.
        outcomes: of each, by its `id`.
        told: what the page says about each, by its `id`.
    """
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for run in runs:
        outcome = outcomes[id(run)]
        if outcome.reason:
            each = told[id(run)]
            found.setdefault((each["label"], outcome.state, outcome.reason), []).append(each)
    return [
        {"label": label, "state": state, "reason": reason, "runs": each}
        for (label, state, reason), each in found.items()
    ]


def _jobs(folder: Path) -> dict[Path, Mapping[str, Any]]:
    """Return the jobs of the sweep in a folder, by the folder of their run."""
    try:
        jobs = json.loads((folder / SWEEP).read_text(encoding="utf-8"))["jobs"]
        return {folder / str(each["folder"]): each for each in jobs}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
