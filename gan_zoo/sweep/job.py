"""One job of a sweep, and what became of it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path

WAITING, RUNNING = "waiting", "running"
FINISHED = "finished"
STOPPED = "stopped"  # by its guard, before its end: it has ended as it was told to
FAILED = "failed"
REFUSED = "refused"  # a mistake in what was typed, or in the folder
PREEMPTED = "preempted"  # saved because a signal asked for it, or killed: the same command goes on with it
STATES = (FINISHED, STOPPED, RUNNING, FAILED, REFUSED, PREEMPTED, WAITING)
DONE = (FINISHED, STOPPED)
UNDONE = (FAILED, REFUSED, PREEMPTED)


@dataclass
class Job:
    """A run that belongs to a sweep.

    Attributes:
        number: in the order of the command.
        name: of its folder inside the sweep's, `loss=js/seed=0`.
        folder: of the run.
        method: what its repetitions with other seeds share.
        seed: of the run.
        words: what is typed for it, in Hydra's grammar.
        kimg_total: its length in thousands of real images, where the command says it.
        state: one of `STATES`.
        reason: why it failed, in one line.
        skipped: whether it had ended before.
        kimg: thousands of real images seen when the sweep looked last.
        kimg_before: those of the checkpoint from which it goes on.
        kimg_in_table: those in the last row that an earlier process wrote, NaN once this one has begun.
        pace: seconds per thousand images, NaN as long as nothing is known.
        beside: seconds that it takes beside training, likewise.
        seen_at: when `kimg` grew last, by `time.monotonic`.
        began: when it was started, by `time.monotonic`.
        seconds: that it ran, here.
        metrics: its last numbers, once it has ended.
    """

    number: int
    name: str
    folder: Path
    method: str
    seed: int
    words: tuple[str, ...]
    kimg_total: float | None = None
    state: str = WAITING
    reason: str = ""
    skipped: bool = False
    kimg: float = 0.0
    kimg_before: float = 0.0
    kimg_in_table: float = field(default=math.nan, repr=False)
    pace: float = field(default=math.nan, repr=False)
    beside: float = field(default=math.nan, repr=False)
    seen_at: float = field(default=math.nan, repr=False)
    began: float = field(default=math.nan, repr=False)
    seconds: float = 0.0
    metrics: dict[str, float] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Note that it runs."""
        self.state, self.began = RUNNING, time.monotonic()

    def end(self, state: str, reason: str = "") -> None:
        """Note how it ended."""
        if not math.isnan(self.began):
            self.seconds = time.monotonic() - self.began
        self.state, self.reason = state, " ".join(reason.split())
