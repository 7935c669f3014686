"""A job in a process of its own: how it ends, how it is asked to, and what is known of it."""

import json
import pickle
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from gan_zoo.sweep import task
from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, REFUSED, STOPPED, WAITING
from gan_zoo.sweep.task import Result, Task, Worker, result_of


def worker(folder: Path, code: str) -> Worker:
    names = {name: str(folder / name) for name in ("folder", "log", "stop")}
    return Worker(Task(code=code, arguments=("a b",), place=str(folder), environment={"MINE": "1"}, **names))


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("import os, sys; assert sys.argv[1:] == ['a b'] and os.environ['MINE'] == '1'", FINISHED, ""),
        (
            "import sys; print('error: no.\\n Type yes', file=sys.stderr); sys.exit(2)",
            REFUSED,
            "no. Type yes",
        ),
        ("raise RuntimeError('a bug')", FAILED, "RuntimeError: a bug"),
        ("import os; os.kill(os.getpid(), 9)", FAILED, "was killed by SIGKILL (out of memory?)"),
        ("import sys; sys.exit(75)", PREEMPTED, ""),
        ("import sys; sys.exit(143)", PREEMPTED, ""),
        ("import sys; sys.exit(3)", FAILED, "it left with exit code 3 and said nothing"),
    ],
)
def test_how_it_ended(tmp_path: Path, code: str, state: str, reason: str) -> None:
    assert pickle.loads(pickle.dumps(worker(tmp_path, code)))() == Result(state, reason)  # noqa: S301


def test_the_summary_of_a_run_knows_more(tmp_path: Path) -> None:
    def summary(**content: str) -> Path:
        (tmp_path / "summary.json").write_text(json.dumps(content))
        return tmp_path

    assert result_of(0, summary(state="stopped"), tmp_path / "log").state == STOPPED
    failed = result_of(1, summary(state="failed", error="ValueError: x"), tmp_path / "log")
    assert failed == Result(FAILED, "ValueError: x")


def test_the_file_stop_asks_it_to_end(tmp_path: Path) -> None:
    code = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(75)); time.sleep(60)"
    threading.Timer(1.0, (tmp_path / "stop").touch).start()
    began = time.monotonic()
    assert worker(tmp_path, code)().state == PREEMPTED
    assert time.monotonic() - began < 30.0
    assert worker(tmp_path, "raise SystemExit(1)")() == Result(WAITING)


def test_one_that_does_not_end_in_time_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "END_S", 0.2)
    code = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code += "pathlib.Path('stop').touch(); time.sleep(60)"
    assert worker(tmp_path, code)() == Result(PREEMPTED)


def test_a_job_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    import subprocess

    follow = "from gan_zoo.cli.sweep_job import _follow; import threading, time, pathlib, sys\n"
    follow += "threading.Thread(target=_follow, daemon=True).start()\n"
    follow += "pathlib.Path('begun').touch(); time.sleep(60)"
    parent = "import subprocess, sys, time\n"
    parent += f"p = subprocess.Popen([sys.executable, '-c', {follow!r}], stdin=subprocess.PIPE)\n"
    parent += "print(p.pid, flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", parent], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process, process.stdout:
        child = int(process.stdout.readline())
        end = time.monotonic() + 30.0
        while not (tmp_path / "begun").exists() and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        while Path(f"/proc/{child}").exists() and _state(child) != "Z" and time.monotonic() < end:
            time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists() or _state(child) == "Z"


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
