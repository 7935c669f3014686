"""What the command line tells launchers, which Hydra builds, and what they tell it."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field

from gan_zoo.sweep.job import FAILED, PREEMPTED, REFUSED, Job

RESUME_ME = 75  # as a single run says it


@dataclass
class Session:
    """A sweep of this process.

    Attributes:
        program: what was typed before the arguments.
        flags: `--config-dir DIR` and the like, which every job needs too.
        code: Python that trains one job in a process of its own.
        jobs: of all batches so far.
        asked: the signal that asked the sweep to end, or None; no further batch begins then.
    """

    program: str = "python train.py"
    flags: tuple[str, ...] = ()
    code: str = ""
    jobs: list[Job] = field(default_factory=list)
    asked: signal.Signals | None = None

    @property
    def exit_code(self) -> int:
        """1 if a job failed, else 2 if one was refused, else 75 if one was saved before its end, else 0."""
        codes = ((FAILED, 1), (REFUSED, 2), (PREEMPTED, RESUME_ME))
        states = {job.state for job in self.jobs}
        return next((code for state, code in codes if state in states), 0)


_session = Session()


def begin(program: str, flags: tuple[str, ...], code: str) -> Session:
    """Begin a sweep, and return what it will know."""
    global _session
    _session = Session(program, flags, code)
    return _session


def current() -> Session:
    """Return the sweep of this process."""
    return _session
