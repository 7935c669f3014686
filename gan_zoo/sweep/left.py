"""How long the rest of a sweep takes: from the speed that its jobs measure, and what they need beside it."""

from __future__ import annotations

import heapq
import math
import re
import statistics
from collections.abc import Sequence
from pathlib import Path

from gan_zoo.run_files import KIMG, RunFiles
from gan_zoo.sweep.job import RUNNING, WAITING, Job
from gan_zoo.sweep.task import summary_of

SPEED = "speed/images_per_second"
RECENT = 10  # values of a running job's speed, and
LATEST = 3  # jobs whose time beside training counts: in one process the first one loads more than the rest
COUNT = re.compile(r"(\d+)\.(\d{3})(?:kimg)?\.ckpt$")  # in the name of a checkpoint
LINKED_S = 2.0  # between the times of two names of one checkpoint, at most


def saved_kimg(folder: Path) -> float | None:
    """Return where a run goes on, None if no name of a checkpoint says it.

    Args:
        folder: of the run; its table may go further, since rows are cut where a run goes on.
    """
    found = {path: COUNT.search(path.name) for path in (folder / "checkpoints").glob("*.ckpt")}
    if not found:
        return 0.0
    named = {path: int(match[1]) + int(match[2]) / 1000.0 for path, match in found.items() if match}
    newest, last = (
        max(named, key=lambda path: named[path], default=None),
        folder / "checkpoints" / "last.ckpt",
    )
    if newest is None or (last.exists() and last.stat().st_mtime > newest.stat().st_mtime + LINKED_S):
        return None
    return named[newest]


def begin_at(job: Job, files: RunFiles) -> None:
    """Note where a job will go on, and what its table says as long as it has not."""
    saved, in_table = saved_kimg(job.folder), files.series(KIMG)[1][-1:]
    job.kimg = job.kimg_before = files.kimg if saved is None else saved
    job.kimg_in_table = in_table[0] if in_table else math.nan
    job.kimg_total = job.kimg_total or files.kimg_total


def observe(job: Job, now: float) -> None:
    """Note how far a running job is, and how fast.

    Args:
        job: that runs.
        now: by `time.monotonic`.
    """
    files = RunFiles(job.folder)
    job.kimg_total = job.kimg_total or files.kimg_total
    seen = files.series(KIMG)[1][-1:]
    if not seen or seen[0] == job.kimg_in_table:  # it starts, and has not cut what is beyond its checkpoint
        return
    job.kimg_in_table = math.nan
    if seen[0] <= job.kimg:
        return
    job.kimg, job.seen_at = seen[0], now
    kimg, speeds = files.series(SPEED)
    own = [speed for at, speed in zip(kimg, speeds, strict=True) if at > job.kimg_before]
    paces = [1000.0 / speed for speed in own[-RECENT:] if 0.0 < speed < math.inf]
    if paces:
        job.pace = statistics.fmean(paces)
        if math.isnan(job.beside):
            job.beside = max(0.0, now - job.began - (job.kimg - job.kimg_before) * job.pace)


def settle(job: Job) -> None:
    """Note how fast a job was that has ended, and how long it took beside training."""
    trained: float = job.kimg - job.kimg_before
    speed = summary_of(job.folder).get("images_per_second")
    if job.skipped or trained <= 0.0 or job.seconds <= 0.0:
        return
    pace = job.seconds / trained
    if isinstance(speed, (int, float)) and 0.0 < speed < math.inf:
        pace = min(1000.0 / speed, pace)
    job.pace = pace
    job.beside = job.seconds - trained * pace


def seconds_left(jobs: Sequence[Job], now: float, at_once: int) -> float | None:
    """Return how long the rest takes, in seconds, or None if there is no rest, or nothing to go by yet.

    Jobs that wait get the first place that is free; each of them starts up, too.

    Args:
        jobs: all of them.
        now: by `time.monotonic`.
        at_once: how many run at a time.
    """
    running, waiting = ([job for job in jobs if job.state == state] for state in (RUNNING, WAITING))
    known = sorted((job for job in jobs if math.isfinite(job.pace)), key=lambda job: job.began)
    totals = [job.kimg_total for job in jobs if job.kimg_total]
    if not known or not totals or not (running or waiting):
        return None
    beside = statistics.fmean(job.beside for job in known[-LATEST:])
    usual = statistics.fmean(totals)

    def trains(job: Job) -> float:
        alike = [each for each in known if each.method == job.method] or known
        pace = job.pace if math.isfinite(job.pace) else statistics.fmean(each.pace for each in alike)
        return max(0.0, (job.kimg_total or usual) - job.kimg) * pace

    free = [_rest(job, now, beside, trains(job)) for job in running]
    free += [0.0] * (max(at_once, 1) - len(free))
    heapq.heapify(free)
    for job in waiting:
        heapq.heappush(free, heapq.heappop(free) + beside + trains(job))
    return max(free)


def _rest(job: Job, now: float, beside: float, trains: float) -> float:
    """Return the seconds that a running job still needs."""
    if math.isnan(job.seen_at):
        return max(0.0, beside - (now - job.began)) + trains
    return max(0.0, trains - (now - job.seen_at))


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
