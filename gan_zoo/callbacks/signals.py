"""Being asked to end: SIGTERM, SIGINT and SIGUSR1 are noted, and answered at the end of the step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from pytorch_lightning.utilities.exceptions import SIGTERMException

NAMES = ("SIGTERM", "SIGINT", "SIGUSR1")  # schedulers send one of them before they take the machine away
RESUME_ME = 75  # EX_TEMPFAIL of sysexits.h: nothing is wrong, try again later
BY_CTRL_C = 130  # 128 + SIGINT, as every shell has it
UNSAVED = 143  # 128 + SIGTERM
STANDARD_ERROR = 2


class Preempted(SystemExit):
    """Ends the process after a run was saved because a signal asked for it.

    The exit code is 75 (run the same command with `resume=` to go on), or 130 after Ctrl-C.

    Args:
        received: the signal.
    """

    def __init__(self, received: signal.Signals) -> None:
        super().__init__(BY_CTRL_C if received == signal.SIGINT else RESUME_ME)
        self.received = received


class Signals:
    """Notes the first signal that asks the process to end; a second Ctrl-C ends it at once.

    Its handlers only set a flag, so nothing happens in the middle of an update. They replace Lightning's,
    which leave with exit code 0, or write to the process group from inside the handler. Signals that the
    process was started to ignore (`nohup`, a shell's background jobs) stay ignored.

    Attributes:
        received: the signal, or None.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    def listen(self) -> None:
        """Install the handlers; only a process's main thread can, elsewhere nothing is done."""
        self.received = None
        if self._before or threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.Signals[name] for name in NAMES if hasattr(signal, name)):  # Windows lacks one
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)

    def restore(self) -> None:
        """Put back the handlers that were there before, for whatever runs next in this process."""
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)
        self._before = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # the system's own: it also ends a step that hangs
        if self.received is not None:
            return
        self.received = signal.Signals(number)
        again = " Ctrl-C again ends it at once, unsaved." if number == signal.SIGINT else ""
        text = f"\n{self.received.name}: the run is saved after this step, and ends.{again}\n"
        with suppress(OSError):  # print would fail where the signal came in the middle of another print
            os.write(STANDARD_ERROR, text.encode())


def preempted_by(callbacks: Iterable[object]) -> signal.Signals | None:
    """Return the signal that ended a run early, or None."""
    found = [getattr(callback, "ended_by", None) for callback in callbacks]
    return next((received for received in found if received is not None), None)


@contextmanager
def exit_codes(callbacks: Iterable[object]) -> Iterator[None]:
    """Leave the process with the exit code that says what happened, once what is inside has closed.

    Raises:
        Preempted: if a signal ended the run and it was saved.
        SystemExit: with 143 if SIGTERM ended it and nobody was there to save it; Lightning would say 0.
    """
    try:
        yield
    except SIGTERMException as error:
        raise SystemExit(UNSAVED) from error
    received = preempted_by(callbacks)
    if received is not None:
        raise Preempted(received)
