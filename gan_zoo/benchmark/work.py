"""What a worker process does with a job: train as if typed, then score; what a finished job left is kept."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gan_zoo.benchmark.plan import Job
from gan_zoo.benchmark.suites import REAL, SUITES
from gan_zoo.config import started

SCORE = "benchmark.json"
LOG = "log.txt"
LONGEST_REASON = 300

Train = Callable[[list[str]], None]


@dataclass(frozen=True)
class Failed:
    """A run without a score.

    Attributes:
        reason: in one line.
        refused: whether `train.py` gave it as a message: bad input, or a checkpoint that cannot be read.
    """

    reason: str
    refused: bool = False


def read_score(job: Job) -> dict[str, Any] | None:
    """Return the score of a finished run, or None where there is none that can be read."""
    try:
        found = json.loads((job.folder / SCORE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "figures" in found else None


def work(train: Train) -> Callable[[Job], dict[str, Any] | Failed]:
    """Return the task of the worker processes.

    Args:
        train: the command line of `train.py`, called with what is typed.
    """
    return partial(do, train)


def do(train: Train, job: Job) -> dict[str, Any] | Failed:
    """Train and score a run, and return its score, or why there is none.

    A run that was interrupted goes on from its last checkpoint (there is one every 15 minutes), one that
    failed is repeated.
    """
    if job.method != REAL and not _is_finished(job.folder):
        failed = _train(train, job) if _goes_on(job.folder) else Failed("nothing to go on with", refused=True)
        if failed is not None and failed.refused:  # or with a checkpoint that cannot be read
            shutil.rmtree(job.folder, ignore_errors=True)
            failed = _train(train, job)
        if failed is not None:
            return failed
    from gan_zoo.benchmark.score import score_real, score_run  # imports torch
    from gan_zoo.checkpoint import write_bytes

    suite = SUITES[job.suite]
    score = score_real(job, suite) if job.method == REAL else score_run(job, suite)
    write_bytes(job.folder / SCORE, f"{json.dumps(score, allow_nan=False)}\n".encode())
    return score


def _is_finished(folder: Path) -> bool:
    return _state(folder) == "finished"


def _goes_on(folder: Path) -> bool:
    """Say whether a run has begun and did not fail: a multirun goes on with it, as far as it was saved."""
    return (folder / started.FILE).exists() and _state(folder) != "failed"


def _state(folder: Path) -> str | None:
    """Return what the summary calls the run's state; None without one, as of a run that was killed."""
    try:
        return str(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["state"])
    except (OSError, ValueError, KeyError):
        return None


def _train(train: Train, job: Job) -> Failed | None:
    """Run the command line as Hydra's multirun; what it prints goes to a file beside the run."""
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    log = job.folder.with_name(f"{job.folder.name}.{LOG}")
    code: Any = None
    with log.open("w", encoding="utf-8") as file, _into(file):
        try:
            train(["-m", *job.overrides])
        except SystemExit as leaving:
            code = leaving.code
    if code in (None, 0) and _is_finished(job.folder):
        log.unlink(missing_ok=True)
        return None
    return Failed(reason(log.read_text(encoding="utf-8"), code), refused=code == 2)


@contextlib.contextmanager
def _into(file: Any) -> Any:
    with contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
        yield


def reason(log: str, code: Any) -> str:
    r"""Return why a run failed, in one line, from what it printed.

    Example:
        >>> reason("notes\nerror: run 0 (seed=1): too large. Type batch_size=8", 2)
        'too large. Type batch_size=8'
    """
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.startswith("error: ")]
    if code == 2 and errors:
        text = re.sub(r"^error: (run \d+ \(.*?\): )?", "", " ".join(lines[errors[-1] :]))
    else:
        text = lines[-1] if lines else f"it left with exit code {code} and said nothing"
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
