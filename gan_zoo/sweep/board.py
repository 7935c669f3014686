"""How far a whole sweep is: what is done, what runs, what failed, and how long the rest will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TextIO

from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import DONE, PREEMPTED, RUNNING, UNDONE, WAITING, Job

LOOK_S = 5.0  # between two looks at the tables of the runs
PLAIN_S = 60.0  # after which a plain line appears at the latest
SHOWN = 3  # names of running jobs


class Board:
    """Shows the progress of a sweep: a live line on a terminal, plain lines elsewhere.

    Args:
        jobs: all of them.
        live: whether a line may be replaced by the next; not where runs print themselves.
        stream: where to; the standard error stream unless given.

    Attributes:
        changed: whether any state differed from the look before.
    """

    def __init__(self, jobs: Sequence[Job], live: bool = True, stream: TextIO | None = None) -> None:
        self.jobs = jobs
        self._out = stream or sys.stderr
        self._live = live and self._out.isatty()
        self._since = self._line_at = time.monotonic()
        self._looked = -LOOK_S
        self._states: tuple[str, ...] = ()
        self._width, self.changed = 0, False

    def show(self) -> None:
        """Show where things stand, if that is worth a line."""
        now = time.monotonic()
        states = tuple(job.state for job in self.jobs)
        self.changed = changed = states != self._states
        if changed or now - self._looked >= LOOK_S:
            self._look(now)
            if self._live:
                text = line(self.jobs, now - self._since)
                print(f"\r{text.ljust(self._width)}", end="", file=self._out, flush=True)
                self._width = len(text)
            elif changed or now - self._line_at >= PLAIN_S:
                print(line(self.jobs, now - self._since), file=self._out, flush=True)
                self._line_at = now
        self._states = states

    def close(self) -> None:
        """End a live line."""
        if self._live:
            print(file=self._out, flush=True)

    def _look(self, now: float) -> None:
        self._looked = now
        for job in self.jobs:
            if job.state == RUNNING:
                files = RunFiles(job.folder)
                job.kimg = max(job.kimg, files.kimg)
                job.kimg_total = job.kimg_total or files.kimg_total


def line(jobs: Sequence[Job], seconds: float) -> str:
    """Return the state of a sweep in one line.

    Args:
        jobs: all of them.
        seconds: since this process began.
    """
    done = [job for job in jobs if job.state in DONE]
    skipped = sum(job.skipped for job in done)
    failed = sum(job.state in UNDONE and job.state != PREEMPTED for job in jobs)
    running = [job for job in jobs if job.state == RUNNING]
    parts = [f"{len(done)} of {len(jobs)} done" + (f" ({skipped} before)" if skipped else "")]
    parts.append(f"{len(running)} running{_where(running)}")
    parts.append(f"{failed} failed")
    parts += [f"{count} to go on with" for count in [sum(job.state == PREEMPTED for job in jobs)] if count]
    left = seconds_left(jobs, seconds)
    parts += [f"about {duration(left)} left"] if left is not None else []
    return f"Sweep: {', '.join(parts)}"


def _where(running: Sequence[Job]) -> str:
    named = [
        f"{job.name} at {job.kimg:.3g}" + (f" of {job.kimg_total:g} kimg" if job.kimg_total else " kimg")
        for job in running[:SHOWN]
    ]
    more = ["..."] if len(running) > SHOWN else []
    return f" ({'; '.join([*named, *more])})" if named else ""


def seconds_left(jobs: Sequence[Job], seconds: float) -> float | None:
    """Return how long the rest takes at the speed so far, in seconds, or None if there is none to go by.

    Speed is images per second over all jobs together, so it counts how many run at once.
    """
    rest = [job for job in jobs if job.state in (WAITING, RUNNING)]
    known = [job.kimg_total for job in jobs if job.kimg_total]
    trained = sum(max(0.0, job.kimg - job.kimg_before) for job in jobs)
    if not rest or not known or trained <= 0.0 or seconds <= 0.0:
        return None
    usual = sum(known) / len(known)
    kimg = sum(max(0.0, (job.kimg_total or usual) - job.kimg) for job in rest)
    return kimg * seconds / trained


def duration(seconds: float) -> str:
    """Return a time span as people say it.

    Example:
        >>> duration(42), duration(150), duration(8000)
        ('42 s', '2 min', '2 h 13 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
