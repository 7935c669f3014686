"""How far a whole sweep is: what is done, what runs, what failed, and how long the rest will take."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from typing import TextIO

from gan_zoo.sweep.job import DONE, FAILED, RUNNING, UNDONE, Job
from gan_zoo.sweep.left import duration, observe, seconds_left, settle

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
        self._line_at = time.monotonic()
        self._looked, self._at_once = -math.inf, 1
        self._states: tuple[str, ...] = ()
        self._settled: set[int] = set()
        self._width, self.changed = 0, False

    def show(self) -> None:
        """Show where things stand, if that is worth a line."""
        now = time.monotonic()
        states = tuple(job.state for job in self.jobs)
        self._at_once = max(self._at_once, states.count(RUNNING))
        self.changed = changed = states != self._states
        if changed or now - self._looked >= LOOK_S:
            self._look(now)
            if self._live:
                text = line(self.jobs, self.seconds_left())
                print(f"\r{text.ljust(self._width)}", end="", file=self._out, flush=True)
                self._width = len(text)
            elif changed or now - self._line_at >= PLAIN_S:
                print(line(self.jobs, self.seconds_left()), file=self._out, flush=True)
                self._line_at = now
        self._states = states

    def seconds_left(self) -> float | None:
        """Return how long the rest takes, or None as long as nothing is known."""
        return seconds_left(self.jobs, time.monotonic(), self._at_once)

    def close(self) -> None:
        """End a live line."""
        if self._live:
            print(file=self._out, flush=True)

    def _look(self, now: float) -> None:
        self._looked = now
        for job in self.jobs:
            if job.state == RUNNING:
                observe(job, now)
            elif job.state in DONE and job.number not in self._settled:
                settle(job)
                self._settled.add(job.number)


def line(jobs: Sequence[Job], seconds: float | None) -> str:
    """Return the state of a sweep in one line.

    Args:
        jobs: all of them.
        seconds: that the rest takes, or None.
    """
    done = [job for job in jobs if job.state in DONE]
    skipped = sum(job.skipped for job in done)
    running = [job for job in jobs if job.state == RUNNING]
    parts = [f"{len(done)} of {len(jobs)} done" + (f" ({skipped} before)" if skipped else "")]
    parts.append(f"{len(running)} running{_where(running)}")
    counts = {state: sum(job.state == state for job in jobs) for state in UNDONE}
    parts += [f"{count} {state}" for state, count in counts.items() if count or state == FAILED]
    parts += [f"about {duration(seconds)} left"] if seconds is not None else []
    return f"Sweep: {', '.join(parts)}"


def _where(running: Sequence[Job]) -> str:
    named = [
        f"{job.name} at {job.kimg:.3g}" + (f" of {job.kimg_total:g} kimg" if job.kimg_total else " kimg")
        for job in running[:SHOWN]
    ]
    more = ["..."] if len(running) > SHOWN else []
    return f" ({'; '.join([*named, *more])})" if named else ""
