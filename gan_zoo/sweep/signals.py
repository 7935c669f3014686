"""Being asked to end while jobs run elsewhere: noted, and answered by asking them."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

from gan_zoo.sweep.session import RESUME_ME

NAMES = ("SIGINT", "SIGTERM", "SIGUSR1")
BY_CTRL_C = 130
STANDARD_ERROR = 2


class Asked:
    """Notes the first signal that asks the sweep to end, while inside; a second Ctrl-C ends it at once.

    Args:
        leaves: whether the process is left where it stands, with the exit code; else it is only noted.
        said: what is printed.

    Attributes:
        received: the signal, or None.
    """

    def __init__(self, leaves: bool, said: str = "") -> None:
        self.leaves, self.said = leaves, said
        self.received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}

    @property
    def exit_code(self) -> int:
        """As a single run has it."""
        return BY_CTRL_C if self.received == signal.SIGINT else RESUME_ME

    def __enter__(self) -> Asked:
        """Install the handlers; only a process's main thread can, elsewhere nothing is done."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.Signals[name] for name in NAMES if hasattr(signal, name)):
                if signal.getsignal(number) != signal.SIG_IGN:  # `nohup`, and a shell's background jobs
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        """Put back the handlers that were there before."""
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number)
        if self.leaves:
            raise SystemExit(self.exit_code)
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        with suppress(OSError):
            os.write(STANDARD_ERROR, f"\n{self.received.name}: {self.said}\n".encode())
