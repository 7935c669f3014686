"""Training processes: forked from this one, which has imported everything, so that each starts in no time."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_faults.plan import VARIABLE, Event, Plan, read_events

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300.0  # then a process counts as hanging
NAP_S = 0.005


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: its exit code; negative for the signal that ended it.
        said: on both of its streams.
        events: that it told.
        seconds: that it took.
    """

    code: int
    said: str
    events: list[Event]
    seconds: float

    @property
    def last_line(self) -> str:
        """Why it ended, as far as it said."""
        errors = [line for line in self.said.splitlines() if "error:" in line.lower()]
        return (errors or self.said.strip().splitlines() or ["it said nothing"])[-1]


def run_train(
    arguments: Sequence[str], folder: Path, name: str, plan: Plan | None, kill_after_s: float | None = None
) -> Ended:
    """Run `python train.py` in a process of its own.

    Args:
        arguments: after `train.py`.
        folder: its working directory.
        name: of its log in `folder`.
        plan: what shall happen to it.
        kill_after_s: seconds after which it is killed.
    """
    log, started = folder / f"{name}.txt", time.monotonic()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process == 0:
        _train(arguments, folder, log, plan)
    code = _wait(process, started, kill_after_s)
    events = [] if plan is None else read_events(Path(plan.events))
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return Ended(code, said, events, time.monotonic() - started)


def _wait(process: int, started: float, kill_after_s: float | None) -> int:
    end = started + (PATIENCE_S if kill_after_s is None else kill_after_s)
    while time.monotonic() < end:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(NAP_S)
    os.kill(process, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return code if kill_after_s is not None else 1  # one that hangs did not end as it should


def _train(arguments: Sequence[str], folder: Path, log: Path, plan: Plan | None) -> None:
    """Be that process, to its end."""
    code = 1
    try:
        os.chdir(folder)
        number = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(number, sys.stdout.fileno())
        os.dup2(number, sys.stderr.fileno())
        os.environ.pop(VARIABLE, None)
        if plan is not None:
            os.environ[VARIABLE] = plan.to_text()
        sys.argv = ["train.py", *arguments]
        runpy.run_path(str(ROOT / "train.py"), run_name="__main__")
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001  (as the interpreter does)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
