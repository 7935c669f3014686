"""The time that a sweep still takes, on a simulated clock."""

import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from gan_zoo.run_files import RunFiles
from gan_zoo.sweep import board, job
from gan_zoo.sweep.board import Board
from gan_zoo.sweep.job import FINISHED, WAITING, Job
from gan_zoo.sweep.left import begin_at, saved_kimg, seconds_left

START_S, PACE, END_S, TOTAL, EVERY = 12.0, 8.0, 3.0, 5.0, 0.5  # PACE in seconds per kimg
HEAD = "progress/kimg,speed/images_per_second\n"


@dataclass
class Clock:
    """Seconds that pass when they are told to, for all modules of the sweep."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class Play:
    """Plays the process of a job: it starts up, cuts its table, trains, and writes its summary."""

    job: Job
    first: float
    table: list[float] = field(default_factory=list)

    def show(self, seconds: float) -> bool:
        """Write what there is after so many seconds, and say whether it has ended."""
        trained = max(0.0, min(TOTAL, self.first + (seconds - START_S) / PACE))
        if seconds < START_S:
            return False  # what an earlier process wrote still stands there
        rows = [EVERY * row for row in range(1, int(trained / EVERY) + 1)]
        (self.job.folder / "metrics.csv").write_text(HEAD + "".join(f"{x},{1000 / PACE}\n" for x in rows))
        done = seconds >= START_S + (TOTAL - self.first) * PACE + END_S
        if done:
            summary = {"state": "finished", "kimg": TOTAL, "images_per_second": 1000 / PACE}
            (self.job.folder / "summary.json").write_text(json.dumps(summary))
        return done


def played(folder: Path, number: int, saved: float, in_table: float) -> Play:
    run = folder / str(number)
    (run / "checkpoints").mkdir(parents=True)
    if saved:
        (run / "checkpoints" / f"{int(saved):06d}.{round(saved % 1 * 1000):03d}kimg.ckpt").touch()
        (run / "checkpoints" / "last.ckpt").touch()
    if in_table:
        (run / "metrics.csv").write_text(f"{HEAD}{in_table},{1000 / PACE}\n")
    return Play(Job(number, f"loss={number}", run, f"loss={number}", 0, (), TOTAL), saved)


@pytest.mark.parametrize("at_once", [1, 2])
@pytest.mark.parametrize("saved", [0.0, 2.0])
def test_it_is_right_from_the_first_row_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, saved: float
) -> None:
    clock = Clock()
    for module in (board, job):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    plays = [played(tmp_path, number, saved if number < 2 else 0.0, 1.8 * saved) for number in range(6)]
    jobs = [each.job for each in plays]
    for each in jobs:
        begin_at(each, RunFiles(each.folder))
        assert each.kimg == (saved if each.number < 2 else 0.0)
    shown, running = Board(jobs), list[Play]()
    promised: list[tuple[float, float]] = []
    while any(each.state != FINISHED for each in jobs):
        waiting = [each for each in plays if each.job.state == WAITING]
        for each in waiting[: at_once - len(running)]:
            each.job.start()
            running.append(each)
        for each in list(running):
            if each.show(clock.now - each.job.began):
                each.job.end(FINISHED)
                each.job.kimg = TOTAL
                running.remove(each)
        shown.show()
        if (left := shown.seconds_left()) is not None:
            promised.append((clock.now, left))
        clock.now += 1.0
    assert promised[0][0] - 1000.0 < START_S + EVERY * PACE * 2 + board.LOOK_S  # not only after the first job
    for now, left in promised:
        truth = clock.now - now
        assert abs(left - truth) <= max(0.2 * truth, 8.0), (now, left, truth)


def test_nothing_is_promised_without_a_speed_or_a_rest(tmp_path: Path) -> None:
    jobs = [Job(n, str(n), tmp_path / str(n), str(n), 0, (), 10.0) for n in range(2)]
    assert seconds_left(jobs, 5.0, 1) is None
    jobs[0].began, jobs[0].pace, jobs[0].beside = 0.0, 2.0, 7.0
    jobs[0].end(FINISHED)
    assert seconds_left(jobs, 5.0, 1) == pytest.approx(27.0)
    jobs[1].kimg_total = None  # it is taken for a usual one
    assert seconds_left(jobs, 5.0, 4) == pytest.approx(27.0)
    jobs[1].end(FINISHED)
    assert seconds_left(jobs, 5.0, 1) is None


def test_where_a_run_goes_on_stands_in_the_names_of_its_checkpoints(tmp_path: Path) -> None:
    assert saved_kimg(tmp_path) == 0.0
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "last.ckpt").touch()
    assert saved_kimg(tmp_path) is None
    for name in ("000001.500kimg.ckpt", "best-000001.000.ckpt", "000009.000kimg.ckpt.damaged"):
        (folder / name).touch()
    assert saved_kimg(tmp_path) == 1.5
    far = (folder / "last.ckpt").stat().st_mtime + 100.0
    os.utime(folder / "last.ckpt", (far, far))  # it is a newer one, which has no other name
    assert saved_kimg(tmp_path) is None
    files = Job(0, "a", tmp_path, "a", 0, ())
    begin_at(files, RunFiles(tmp_path))
    assert files.kimg == 0.0
    assert math.isnan(files.kimg_in_table)
