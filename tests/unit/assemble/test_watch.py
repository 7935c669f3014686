"""A process that is silent, stands still or fails ends the others, and one that takes its time does not."""

import time
from contextlib import contextmanager

import pytest

from gan_zoo.assemble import watch as module
from gan_zoo.assemble.watch import Watch, open_store
from gan_zoo.processes import reduce


@pytest.fixture
def both(monkeypatch):
    """Two watches over one store, which only the test drives."""
    told = []
    store = open_store("127.0.0.1", 0, True)
    other = open_store("127.0.0.1", store.port, False)
    first, second = Watch(0, 2, store, told.append), Watch(1, 2, other, told.append)
    clock = [time.monotonic()]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    first._judge()
    second._obey()
    return first, second, clock


@contextmanager
def waiting():
    with reduce.waits():
        yield


def later(both, seconds, silent=(), wait=()):
    """Let time pass, in which both say what they do each second, but for the silent ones."""
    first, second, clock = both
    for _ in range(int(seconds)):
        clock[0] += 1.0
        for process in (first, second):
            if process.rank in wait:
                with waiting():
                    process._say()
            elif process.rank not in silent:
                process._say()
        why = first._judge()
        if why:
            return why
    return ""


def test_two_that_live_go_on(both):
    assert later(both, 60) == ""


def test_a_silent_process_is_told(both):
    assert "Process 1 has been silent" in later(both, 30, silent=[1])
    assert "Process 1" in both[1]._obey()


def test_a_silent_first_process_is_told_by_the_others(both):
    _, second, clock = both
    clock[0] += 14.0
    assert second._obey() == ""
    clock[0] += 2.0
    assert "Process 0 has been silent" in second._obey()


def test_a_process_that_left_is_not_missed(both):
    both[1].leave()
    assert later(both, 60, silent=[1]) == ""


def test_a_process_that_fails_ends_the_others(both):
    both[1].leave("Process 1 failed (ValueError: no).")
    assert "ValueError" in later(both, 3, silent=[1])


def played(process):
    with process.turn():
        pass


def test_a_process_that_does_not_come_is_told(both, monkeypatch):
    for process in both[:2]:
        played(process)
    seconds, why, met = 0, "", reduce.met()
    while not why and seconds < 60:
        seconds, both[2][0] = seconds + 1, both[2][0] + 1.0
        monkeypatch.setattr(reduce._State, "met", met)  # nobody meets anybody
        with waiting():
            both[0]._say()
        monkeypatch.setattr(reduce._State, "met", met)
        both[1]._say()
        why = both[0]._judge()
    assert "Process 1 stands still" in why
    assert 24 < seconds < 28


def test_the_first_process_may_take_its_time_between_batches(both, monkeypatch):
    for process in both[:2]:
        played(process)
    met = reduce.met()
    for _ in range(200):
        both[2][0] += 1.0
        monkeypatch.setattr(reduce._State, "met", met)
        both[0]._say()
        with waiting():
            both[1]._say()
        assert both[0]._judge() == ""


def test_a_first_process_that_is_gone_is_told():
    told = []
    store = open_store("127.0.0.1", 0, True)
    second = Watch(1, 2, open_store("127.0.0.1", store.port, False), told.append)
    del store
    second._stop.wait = lambda seconds: False
    second._run()
    assert told == ["Process 0 does not answer: it has died."]


def test_a_store_that_never_answers_is_told(both, monkeypatch):
    _, second, clock = both
    told = []
    second._end = told.append

    def wait(seconds):
        clock[0] += seconds
        return False

    monkeypatch.setattr(second._gone, "wait", wait)
    second._guard()
    assert "Process 0 has not answered for 15 s" in told[0]


def test_the_last_one_to_leave_is_the_first_process(both):
    first, second, _ = both
    second.leave()
    first.leave()
    assert first._gone.is_set()
    assert second._gone.is_set()
    first.leave("once is enough")
    assert both[0]._store.get("verdict") == b""
