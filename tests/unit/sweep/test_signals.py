"""Being asked to end is never lost, whoever takes the signal."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from gan_zoo.sweep import session, signals
from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, WAITING, Job
from gan_zoo.sweep.local import LocalLauncher
from gan_zoo.sweep.signals import Asked

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def _sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "AGAIN_S", 0.1)
    session.begin("python train.py", (), "")
    yield
    session.begin("python train.py", (), "")


def ask(number: int = signal.SIGTERM) -> None:
    signal.raise_signal(number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130)])
def test_a_signal_that_a_job_takes_for_itself_is_known(number: int, code: int) -> None:
    before = signal.getsignal(number)
    with Asked(leaves=True) as asked:
        assert asked.received is None
        signal.signal(number, lambda *_: None)  # as a run that trains does
        ask(number)
        assert (asked.received, asked.exit_code) == (number, code)
    assert signal.getsignal(number) == before
    assert signal.set_wakeup_fd(-1) == -1
    assert session.current().asked == number


def test_what_swallows_it_is_asked_again() -> None:
    def job() -> None:
        with Asked(leaves=True):
            with suppress(SystemExit):  # as imports do, now and then
                ask()
            time.sleep(PATIENCE_S)

    with pytest.raises(SystemExit) as left:
        job()
    assert left.value.code == 75


def test_the_handler_of_a_job_that_trains_by_then_is_asked() -> None:
    heard = []
    with Asked(leaves=True) as asked:
        with suppress(SystemExit):
            ask(signal.SIGINT)
        signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
        end = time.monotonic() + PATIENCE_S
        while not heard and time.monotonic() < end:
            time.sleep(0.01)
    assert heard
    assert asked.exit_code == 130


def test_what_closes_on_the_way_out_is_not_cut_short() -> None:
    closed = []

    def job() -> None:
        with Asked(leaves=True):
            try:
                ask()
            finally:
                time.sleep(0.5)
                closed.append(1)

    with pytest.raises(SystemExit):
        job()
    assert closed == [1]
    time.sleep(0.3)  # nobody asks any more


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_signals_of_forked_processes_are_their_own() -> None:
    with Asked(leaves=False) as asked:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, lambda *_: None)
            signal.raise_signal(signal.SIGTERM)
            os._exit(0)
        os.waitpid(child, 0)
        assert asked.received is None


class Played(LocalLauncher):
    """Runs jobs without Hydra; the first one meets a signal."""

    def __init__(self, jobs: list[Job], state: str) -> None:
        super().__init__()
        self.jobs, self.state, self.sweep_dir = jobs, state, Path()

    def progress(self) -> None:
        """Show nothing."""

    def lock_of(self, job: Job) -> Path:
        return job.folder / "lock"

    def _run(self, job: Job) -> None:
        if job.number == 0:
            before = signal.signal(signal.SIGTERM, lambda *_: None)
            ask()
            signal.signal(signal.SIGTERM, before)
        job.end(self.state if job.number == 0 else FINISHED, "why")


@pytest.mark.parametrize(
    ("count", "state", "states"),
    [(2, FINISHED, [FINISHED, WAITING]), (2, FAILED, [PREEMPTED, WAITING]), (1, FINISHED, [FINISHED])],
)
def test_no_further_job_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, state: str, states: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gan_zoo.assemble.train", ModuleType("train"))  # torch
    jobs = [Job(n, f"seed={n}", tmp_path / str(n), "js", n, ()) for n in range(count)]
    code = None
    try:
        Played(jobs, state).run_all(jobs)
    except SystemExit as left:
        code = left.code
    assert [job.state for job in jobs] == states
    assert code == (75 if WAITING in states else None)
    with pytest.raises(SystemExit) as batch:  # nor a further batch
        Played(jobs, state).launch([["seed=5"]], 5)
    assert batch.value.code == 75
    assert session.current().asked == signal.SIGTERM


def test_outside_the_main_thread_nothing_is_done() -> None:
    import threading

    found = SimpleNamespace(received=1)

    def work() -> None:
        with Asked(leaves=True) as asked:
            found.received = asked.received

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found.received is None
