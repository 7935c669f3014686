"""Notices that a process of a run has died or stands still, and ends the others with a message.

A collective operation waits for all processes. If one of them is gone, the others may wait until the timeout
of the process group, half an hour. That timeout cannot be short, since all wait where the first process
measures or draws. So each process also says every second that it is alive, from a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from torch.distributed import TCPStore

from gan_zoo.processes import reduce

BEAT_S = 1.0
SILENT_S = 15.0  # without a word: killed, stopped, or its machine is gone
STILL_S = 25.0  # all others wait for it, and it does not come
TELL_S = 3.0  # for the others to read why the run ends
LEFT = "left"
VERDICT = "verdict"


class Watch:
    """Says that this process is alive, and looks after the others.

    Args:
        rank: of this process; the first one keeps what all of them say, and decides.
        world: number of processes.
        store: which all of them reach.
        end: ends this process, told why; called from the watching thread.
    """

    def __init__(self, rank: int, world: int, store: TCPStore, end: Callable[[str], None]) -> None:
        self.rank, self.world, self._store, self._end = rank, world, store, end
        self._stop, self._gone = threading.Event(), threading.Event()
        self._beats, self._batches, self._turn_began, self._longest_s = 0, 0, 0.0, 0.0
        now = time.monotonic()
        self._said = dict.fromkeys(range(world), "")
        self._heard = dict.fromkeys(range(world), now)  # when each said something
        self._moved = dict.fromkeys(range(world), ("", now))  # what it said last that was new, and when
        self._say()
        if rank == 0:
            store.set(VERDICT, "")
        self._spoke = now  # when the first process answered last

    def start(self) -> None:
        """Begin to watch; all processes have said something by now."""
        for task in (self._run, self._guard) if self.rank else (self._run,):
            threading.Thread(target=task, name="gan_zoo-watch", daemon=True).start()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Say that a batch is played inside, in which no process may stand still for long."""
        self._turn_began = time.monotonic()
        try:
            yield
        finally:
            self._longest_s = max(self._longest_s, time.monotonic() - self._turn_began)
            self._turn_began, self._batches = 0.0, self._batches + 1

    def leave(self, why: str = "", stays_s: float = SILENT_S) -> None:
        """Watch no longer; a process that fails says why, and the others end.

        Args:
            why: the others have to end.
            stays_s: for how long the first process waits for the others, which speak through it.
        """
        if self._stop.is_set():
            return
        self._stop.set()
        with suppress(RuntimeError):
            if why:
                self._store.set(VERDICT, why)
            self._store.set(str(self.rank), LEFT)
            until = time.monotonic() + stays_s
            others = [str(rank) for rank in range(1, self.world)]
            while self.rank == 0 and time.monotonic() < until:
                if all(said == LEFT.encode() for said in self._store.multi_get(others)):
                    break
                time.sleep(0.05)
        self._gone.set()

    # The threads -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.wait(BEAT_S):
            try:
                self._say()
                why = self._judge() if self.rank == 0 else self._obey()
            except RuntimeError:  # the first process keeps the store
                why = "Process 0 does not answer: it has died."
            if why and not self._stop.is_set():
                self._end(why)
                return
            self._spoke = time.monotonic()

    def _guard(self) -> None:
        """End if the store does not answer: where its process was stopped, the question never returns."""
        while not self._gone.wait(BEAT_S):
            if time.monotonic() - self._spoke > SILENT_S:
                self._end(f"Process 0 has not answered for {SILENT_S:.0f} s: it was stopped, or is gone.")
                return

    def _say(self) -> None:
        self._beats += 1
        state = "waits" if reduce.is_waiting() else "plays" if self._turn_began else "rests"
        self._store.set(str(self.rank), f"{self._beats} {self._batches} {reduce.met()} {state}")

    def _obey(self) -> str:
        """Return why the first process ends the run, if it does, or that it is silent."""
        first, verdict = self._store.multi_get(["0", VERDICT])
        now = time.monotonic()
        if first.decode() != self._said[0]:
            self._said[0], self._heard[0] = first.decode(), now
        silent = self._said[0] != LEFT and now - self._heard[0] > SILENT_S
        why = f"Process 0 has been silent for {SILENT_S:.0f} s: it has died or was stopped."
        return verdict.decode() or (why if silent else "")

    def _judge(self) -> str:
        """Return why the run ends, or nothing."""
        *said, verdict = self._store.multi_get([*map(str, range(self.world)), VERDICT])
        now = time.monotonic()
        for rank, text in enumerate(each.decode() for each in said):
            if text != self._said[rank]:
                self._said[rank], self._heard[rank] = text, now
            moved = text.partition(" ")[2]
            if moved != self._moved[rank][0]:
                self._moved[rank] = (moved, now)
        why = verdict.decode() or self._silent(now) or self._still(now)
        if why:
            self._store.set(VERDICT, why)
        return why

    def _silent(self, now: float) -> str:
        for rank in range(1, self.world):
            if self._said[rank] != LEFT and now - self._heard[rank] > SILENT_S:
                return f"Process {rank} has been silent for {SILENT_S:.0f} s: it has died or was stopped."
        return ""

    def _still(self, now: float) -> str:
        """Return which process all others wait for; the first one may take its time between two batches."""
        limit = max(STILL_S, 5.0 * self._longest_s)
        if any(now - when < limit or not text for text, when in self._moved.values()):
            return ""
        late = [rank for rank, (text, _) in self._moved.items() if not text.endswith("waits")]
        resting = 0 in late and self._moved[0][0].endswith("rests")
        begun = all(int(self._moved[rank][0].split()[0]) > 0 for rank in late)
        if late and len(late) < self.world and begun and not resting:
            listed = ", ".join(map(str, late))
            return f"Process {listed} stands still, and the others have waited for {limit:.0f} s."
        return ""


def open_store(host: str, port: int, first: bool) -> TCPStore:
    """Return the store that all processes reach; the first one keeps it, at any free port where that is 0."""
    return TCPStore(host, port, is_master=first, wait_for_workers=False, timeout=timedelta(seconds=SILENT_S))
