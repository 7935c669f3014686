"""What is said about the progress of a whole sweep."""

import io
from pathlib import Path

import pytest

from gan_zoo.sweep.board import Board, line, seconds_left
from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, Job


def jobs(count: int, total: float | None = 10.0) -> list[Job]:
    return [Job(n, f"loss={n}", Path("nowhere"), f"loss={n}", 0, (), total) for n in range(count)]


def test_done_running_failed_and_time_left() -> None:
    sweep = jobs(6)
    sweep[0].end(FINISHED)
    sweep[0].kimg, sweep[0].kimg_before, sweep[0].skipped = 10.0, 10.0, True
    sweep[1].end(FINISHED)
    sweep[1].kimg = 10.0
    sweep[2].end(FAILED, "a bug")
    sweep[3].start()
    sweep[3].kimg = 2.0
    # 12 kimg in a minute; what runs and waits has 8 + 10 + 10 to go
    assert line(sweep, 60.0) == (
        "Sweep: 2 of 6 done (1 before), 1 running (loss=3 at 2 of 10 kimg), 1 failed, about 2 min left"
    )
    assert seconds_left(sweep, 60.0) == pytest.approx(28.0 / 12.0 * 60.0)


def test_jobs_of_unknown_length_are_taken_for_usual_ones() -> None:
    sweep = [*jobs(1), *jobs(1, None)]
    sweep[0].end(FINISHED)
    sweep[0].kimg = 10.0
    assert seconds_left(sweep, 30.0) == pytest.approx(30.0)


def test_nothing_is_promised_without_a_speed() -> None:
    assert seconds_left(jobs(2), 5.0) is None
    assert seconds_left(jobs(2, None), 5.0) is None
    sweep = jobs(1)
    sweep[0].end(PREEMPTED)
    assert line(sweep, 5.0) == "Sweep: 0 of 1 done, 0 running, 0 failed, 1 to go on with"


def test_elsewhere_than_on_a_terminal_a_line_comes_with_each_change() -> None:
    out, sweep = io.StringIO(), jobs(2)
    board = Board(sweep, stream=out)
    board.show()
    board.show()
    sweep[0].start()
    board.show()
    assert board.changed
    board.show()
    assert not board.changed
    assert len(out.getvalue().splitlines()) == 2
