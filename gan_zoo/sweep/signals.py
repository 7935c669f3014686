"""Being asked to end while jobs run here or elsewhere: noted for good, whoever else takes the signal."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

from gan_zoo.sweep.session import RESUME_ME, current

NAMES = ("SIGINT", "SIGTERM", "SIGUSR1")
BY_CTRL_C = 130
STANDARD_ERROR = 2
AGAIN_S = 5.0  # until a job that swallowed being asked is asked again


class Asked:
    """Notes the first signal that asks the sweep to end, while inside; a second Ctrl-C ends it at once.

    A job in this process has handlers of its own while it trains, and one that was on its last step finishes
    without a word. So the system also writes every signal to a socket, whose handler ever answers it.

    Args:
        leaves: whether the process is left where it stands, with the exit code; else it is only noted. What
            swallows that (imports and destructors do, now and then) is asked again.
        said: what is printed.
    """

    def __init__(self, leaves: bool, said: str = "") -> None:
        self.leaves, self.said = leaves, said
        self._received: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._ears: tuple[socket.socket, socket.socket] | None = None
        self._turn, self._over = threading.Lock(), threading.Event()

    @property
    def received(self) -> signal.Signals | None:
        """The first signal, or None."""
        if self._ears is not None:
            with suppress(BlockingIOError):
                heard = [signal.Signals(each) for each in self._ears[0].recv(4096) if each in self._before]
                self._received = self._received or next(iter(heard), None)
        return self._received

    @property
    def exit_code(self) -> int:
        """As a single run has it."""
        return code_of(self.received)

    def __enter__(self) -> Asked:
        """Install the handlers; only a process's main thread can, elsewhere nothing is done."""
        if threading.current_thread() is threading.main_thread():
            self._ears = socket.socketpair()
            for end in self._ears:
                end.setblocking(False)
            self._woken = signal.set_wakeup_fd(self._ears[1].fileno(), warn_on_full_buffer=False)
            for number in (signal.Signals[name] for name in NAMES if hasattr(signal, name)):
                if signal.getsignal(number) != signal.SIG_IGN:  # `nohup`, and a shell's background jobs
                    self._before[number] = signal.signal(number, self._note)
            if self.leaves and hasattr(signal, "pthread_kill"):
                threading.Thread(target=self._remind, name="gan_zoo-asked", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        """Put back the handlers that were there before."""
        with self._turn:
            self._over.set()
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_DFL if before is None else before)
        current().asked = current().asked or self.received
        if self._ears is not None:
            signal.set_wakeup_fd(self._woken)
            for end in self._ears:
                end.close()
            self._ears = None

    def _note(self, number: int, frame: FrameType | None) -> None:
        again, self._received = self._received is not None, self._received or signal.Signals(number)
        if self.leaves:
            if self._over.is_set() or (again and number != signal.SIGINT and _leaving()):
                return
            raise SystemExit(code_of(self._received))
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        with suppress(OSError):
            os.write(STANDARD_ERROR, f"\n{self._received.name}: {self.said}\n".encode())

    def _remind(self) -> None:
        """Ask again as long as this process was asked and has not left, whoever answers by then."""
        while not self._over.wait(AGAIN_S):
            with self._turn:
                if self._received is not None and not self._over.is_set():
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def code_of(received: signal.Signals | None) -> int:
    """Return the exit code of a sweep that a signal asked to end."""
    return BY_CTRL_C if received == signal.SIGINT else RESUME_ME


def _leaving() -> bool:
    """Say whether the main thread is on its way out: what closes on the way is not cut short."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, SystemExit):
            return True
        error = error.__context__
    return False


def _deaf() -> None:
    """Let signals of a forked process be its own: their byte would reach its parent's socket."""
    with suppress(ValueError):
        signal.set_wakeup_fd(-1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_deaf)
