"""The processes of trials: each trains in its own, so that one that dies takes nothing with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from optuna.trial import FrozenTrial

from gan_zoo.config.grammar import quoted
from gan_zoo.run_files import RunFiles
from gan_zoo.search.child import PARENT
from gan_zoo.search.outcome import Outcome, judge
from gan_zoo.search.plan import Plan
from gan_zoo.search.space import typed
from gan_zoo.search.study import folder_of

PROGRAM = """
from gan_zoo.search.child import watch_parent
watch_parent()
from gan_zoo.cli.train import main
main()
"""
LOG = "log.txt"
END_S = 60.0  # for a run to save and end


@dataclass
class Running:
    """A trial whose run is trained.

    Attributes:
        trial: its values.
        folder: of the run.
        process: that trains it.
        began: when, by a clock that only rises.
    """

    trial: FrozenTrial
    folder: Path
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)

    @property
    def log(self) -> Path:
        """What the process prints."""
        return self.folder.with_name(f"{self.folder.name}.{LOG}")

    @property
    def seconds(self) -> float:
        """How long it has run here."""
        return time.monotonic() - self.began

    def outcome(self, plan: Plan) -> Outcome:
        """Return how it ended.

        Raises:
            UserError: if an objective does not exist.
        """
        log = self.log.read_text(encoding="utf-8", errors="replace")
        return judge(RunFiles(self.folder), plan, self.process.wait(), log)


def words_of(plan: Plan, trial: FrozenTrial) -> list[str]:
    """Return what a reader types to train a trial's run alone."""
    return [*plan.fixed, *typed(trial.params)]


def start(plan: Plan, trial: FrozenTrial) -> Running:
    """Begin a trial's run, or go on with it where it was interrupted."""
    folder = folder_of(plan, trial)
    folder.parent.mkdir(parents=True, exist_ok=True)
    words = [*words_of(plan, trial), f"run_dir={quoted(folder)}", "resume=auto"]
    environment = {
        **os.environ,
        PARENT: str(os.getpid()),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # for an uninstalled checkout
    }
    with folder.with_name(f"{folder.name}.{LOG}").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # the search passes Ctrl-C on, once: a second one ends a run unsaved
        )
    return Running(trial, folder, process)


def end(running: Sequence[Running]) -> None:
    """Ask runs to save and end, and wait until they have."""
    for each in running:
        if each.process.poll() is None:
            each.process.terminate()
    until = time.monotonic() + END_S
    for each in running:
        try:
            each.process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            each.process.kill()
            each.process.wait()
