"""What is said about the progress of a whole sweep."""

import io
from pathlib import Path

from gan_zoo.sweep.board import Board, line
from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, REFUSED, Job


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
    assert line(sweep, 150.0) == (
        "Sweep: 2 of 6 done (1 before), 1 running (loss=3 at 2 of 10 kimg), 1 failed, about 2 min left"
    )


def test_what_is_not_done_is_called_as_in_the_table() -> None:
    sweep = jobs(4)
    for job, state in zip(sweep, (PREEMPTED, REFUSED, REFUSED, FAILED), strict=True):
        job.end(state)
    assert line(sweep, None) == "Sweep: 0 of 4 done, 0 running, 1 failed, 2 refused, 1 preempted"
    assert line(jobs(1), None) == "Sweep: 0 of 1 done, 0 running, 0 failed"


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
