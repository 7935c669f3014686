"""Jobs come back with their outcomes, in spite of errors and dying processes."""

import operator
import os
import subprocess
import sys

from gan_zoo.benchmark.workers import Workers


def test_every_job_comes_back_and_an_error_or_a_death_stops_nothing() -> None:
    jobs = [3, "three", 5]
    with Workers(1, operator.neg) as workers:
        found = dict(workers.run(jobs))
    assert (found[3], found[5]) == (-3, -5)
    assert "TypeError" in str(found["three"])


def test_a_process_that_dies_is_replaced() -> None:
    with Workers(1, os._exit) as workers:
        found = dict(workers.run([3, 4]))
    assert "exit code 3" in str(found[3])
    assert "exit code 4" in str(found[4])


def test_nothing_to_do_starts_nothing() -> None:
    with Workers(2, operator.neg) as workers:
        assert list(workers.run([])) == []


def test_a_process_ends_in_the_middle_of_its_job_when_the_parent_is_killed() -> None:
    code = (
        "import time; from gan_zoo.benchmark.workers import Workers; "
        "workers = Workers(1, time.sleep); workers._hand_out([600]); "
        "print('begun', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"begun\n"
        parent.kill()
        parent.communicate(timeout=60)  # the output ends when nobody is left who could write to it
