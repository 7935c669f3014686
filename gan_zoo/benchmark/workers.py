"""Worker processes that stay alive between jobs, so that imports are paid once; one that dies is replaced."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

JOIN_S = 5.0


@dataclass
class Worker:
    """A process and the job it works on.

    Attributes:
        process: the process.
        connection: jobs go in, outcomes come out.
        job: what it works on, or None.
    """

    process: BaseProcess
    connection: Connection
    job: Any = None


class Workers:
    """A pool of processes for long jobs.

    Args:
        count: how many.
        task: what is done with each job; it and all jobs and outcomes must survive pickling.
        threads: of torch, for each process.
    """

    def __init__(self, count: int, task: Callable[[Any], Any], threads: int = 1) -> None:
        self.count, self.task, self.threads = count, task, threads
        self._context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        self._workers: list[Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.connection.close()  # an idle worker ends by that
        for worker in self._workers:
            worker.process.join(JOIN_S if worker.job is None else 0.0)
            worker.process.kill()  # whatever it works on is repeated next time
            worker.process.join(JOIN_S)
        self._workers = []

    def run(self, jobs: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield (job, outcome) as they finish; an exception where the process died or the task raised."""
        waiting = list(jobs)[::-1]
        while waiting or any(worker.job is not None for worker in self._workers):
            self._hand_out(waiting)
            busy = {worker.connection: worker for worker in self._workers if worker.job is not None}
            for connection in wait(list(busy)):
                worker = busy[connection]  # type: ignore[index]
                outcome = self._receive(worker)
                job, worker.job = worker.job, None
                yield job, outcome

    def _hand_out(self, waiting: list[Any]) -> None:
        busy = sum(worker.job is not None for worker in self._workers)
        while len(self._workers) < min(self.count, len(waiting) + busy):
            self._workers.append(self._start())
        for worker in self._workers:
            if worker.job is None and waiting:
                worker.job = waiting.pop()
                worker.connection.send(worker.job)

    def _start(self) -> Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self.task, self.threads), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours)

    def _receive(self, worker: Worker) -> Any:
        try:
            return worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(JOIN_S)
            worker.connection.close()
            self._workers.remove(worker)
            return RuntimeError(f"its process died with exit code {worker.process.exitcode}")


def _serve(connection: Connection, task: Callable[[Any], Any], threads: int) -> None:
    """Work until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))  # before torch is loaded
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        try:
            outcome = task(job)
        except Exception as error:  # noqa: BLE001  (one job must not end the others)
            traceback.print_exc()
            outcome = RuntimeError(f"{type(error).__name__}: {error}")
        connection.send(outcome)


def _end_with_parent() -> None:
    """End this process, in the middle of its job, when the parent is killed: nobody waits for the outcome."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
