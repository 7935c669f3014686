"""A job in a process of its own, on this machine or wherever a scheduler puts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, REFUSED, STOPPED, WAITING

POLL_S = 0.3
END_S = 120.0  # for a run to save and end
SAVED = (75, 130)  # exit codes of a run that was asked to end
UNSAVED = 143  # the same, before there was anything to save
LONGEST_REASON = 300


@dataclass(frozen=True)
class Result:
    """How a job ended.

    Attributes:
        state: of `gan_zoo.sweep.job`.
        reason: in one line, where it failed.
    """

    state: str
    reason: str = ""


@dataclass(frozen=True)
class Task:
    """What a worker needs to run a job; plain values, so that it can travel.

    Attributes:
        code: Python that trains.
        arguments: what is typed for it.
        folder: of the run.
        log: file that gets what the run prints.
        stop: file whose appearance asks the run to save and end.
        place: working directory.
        environment: variables beside those of the worker.
    """

    code: str
    arguments: tuple[str, ...]
    folder: str
    log: str
    stop: str
    place: str
    environment: dict[str, str]


class Worker:
    """Runs a task; pickles as long as it does not run.

    Args:
        task: what to run.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._process: subprocess.Popen[bytes] | None = None
        self._told: float | None = None

    def __call__(self) -> Result:
        """Run it to its end; it is asked to end where this process dies, because its input ends then."""
        task = self.task
        if Path(task.stop).exists():
            return Result(WAITING)
        with Path(task.log).open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", task.code, *task.arguments],
                cwd=task.place, env={**os.environ, **task.environment}, stdin=subprocess.PIPE, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,  # Ctrl-C is for the sweep to answer
            )  # fmt: skip
            while self._process.poll() is None:
                if Path(task.stop).exists():
                    self.end()
                if self._told is not None and time.monotonic() - self._told > END_S:
                    self._process.kill()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(POLL_S)
        assert self._process.stdin is not None
        self._process.stdin.close()
        if self._told is not None and self._process.returncode < 0:
            return Result(PREEMPTED)  # it took too long to save, and goes on from its last checkpoint
        return result_of(self._process.returncode, Path(task.folder), Path(task.log))

    def end(self) -> None:
        """Ask the run to save and end, once."""
        if self._told is None and self._process is not None:
            self._told = time.monotonic()
            self._process.terminate()

    def checkpoint(self) -> Any:
        """Save, because the scheduler takes the machine away, and return what it starts again."""
        from submitit.helpers import DelayedSubmission

        self.end()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)
        return DelayedSubmission(Worker(self.task))


def result_of(code: int, folder: Path, log: Path) -> Result:
    """Return what the exit code of a run means, with the reason from what it left."""
    if code == 0:
        return Result(STOPPED if summary_of(folder).get("state") == STOPPED else FINISHED)
    if code in (*SAVED, UNSAVED) or code == -signal.SIGTERM:
        return Result(PREEMPTED)
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if code == 2:
        return Result(REFUSED, refusal(text))
    return Result(FAILED, one_line(_failure(code, summary_of(folder), text)))


def summary_of(folder: Path) -> dict[str, Any]:
    """Return the summary of a run, or nothing if there is none that can be read."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def refusal(log: str) -> str:
    r"""Return the message of a refused run, from what it printed.

    Example:
        >>> refusal("notes\nerror: too large.\n  Type batch_size=8\n")
        'too large. Type batch_size=8'
    """
    return one_line(log.rpartition("error: ")[2])


def one_line(text: str) -> str:
    """Return a text in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"


def _failure(code: int, summary: dict[str, Any], log: str) -> str:
    if code < 0:
        with suppress(ValueError):
            killed = signal.Signals(-code)
            hint = " (out of memory?)" if killed == signal.SIGKILL else ""
            return f"was killed by {killed.name}{hint}"
    if summary.get("state") == FAILED and summary.get("error"):
        return str(summary["error"])
    lines = [line for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else f"it left with exit code {code} and said nothing"
