"""Launchers whose jobs are processes of their own: ordinary single runs that go on where they were."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gan_zoo.config.grammar import quoted
from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import DONE, PREEMPTED, RUNNING, WAITING, Job
from gan_zoo.sweep.launcher import LOGS, SweepLauncher
from gan_zoo.sweep.session import current
from gan_zoo.sweep.signals import Asked
from gan_zoo.sweep.task import Result, Task, Worker

POLL_S = 0.3
TO_GO_ON = (WAITING, RUNNING, PREEMPTED)
Answer = Callable[[], Result | None]  # how a job ended, or None as long as it has not


class ElsewhereLauncher(SweepLauncher):
    """Runs each job in a process of its own, so one that crashes takes nothing with it."""

    ends_with_us = True  # whether jobs are asked to end where the sweep is
    patience_s = 120.0  # for another process that still saves the same run
    said = "the jobs that run are saved, and the sweep ends."

    def submit(self, workers: Sequence[Worker]) -> list[Answer]:
        """Hand over all jobs, and return how to ask for the end of each."""
        raise NotImplementedError

    def run_all(self, jobs: list[Job]) -> None:
        """Run jobs until all have ended.

        Raises:
            SystemExit: if a signal asked the sweep to end.
        """
        if not jobs:
            return
        (self.sweep_dir / LOGS).mkdir(parents=True, exist_ok=True)
        stop = self.sweep_dir / LOGS / f"stop-{os.getpid()}-{time.time_ns()}"
        tasks = [self._task(job, stop) for job in jobs]
        for task in tasks:
            Path(task.log).unlink(missing_ok=True)  # its appearance says that the job has begun
        try:
            with _importable(), Asked(leaves=False, said=self.said) as asked:
                self._wait(jobs, tasks, self.submit([Worker(task) for task in tasks]), asked, stop)
        finally:
            stop.unlink(missing_ok=True)

    def _wait(
        self, jobs: list[Job], tasks: list[Task], answers: list[Answer], asked: Asked, stop: Path
    ) -> None:
        open_jobs = list(zip(jobs, tasks, answers, strict=True))
        while open_jobs and (asked.received is None or self.ends_with_us):
            if asked.received is not None:
                stop.touch()
            answered = set()
            for job, task, answer in open_jobs:
                if job.state == WAITING and Path(task.log).exists():
                    job.start()
                result = answer()
                if result is not None:
                    answered.add(job.number)
                    job.end(result.state, result.reason)
                    if job.state in DONE:
                        job.kimg = RunFiles(job.folder).kimg or job.kimg_total or 0.0
            open_jobs = [each for each in open_jobs if each[0].number not in answered]
            self.progress()
            time.sleep(POLL_S)
        if asked.received is not None and any(job.state in TO_GO_ON for job in jobs):
            raise SystemExit(asked.exit_code)

    def _task(self, job: Job, stop: Path) -> Task:
        session = current()
        arguments = (*job.words, f"run_dir={quoted(job.folder)}", "resume=auto", *session.flags)
        log = self.lock_of(job).with_suffix(".txt")
        environment = {
            "PYTHONPATH": _import_path(),
            "GAN_ZOO_SWEEP": self.sweep_dir.name,
            "GAN_ZOO_METHOD": job.method,
            "GAN_ZOO_LOCK": str(self.lock_of(job).absolute()),
            "GAN_ZOO_PATIENCE_S": str(self.patience_s),
            **self.extra_environment(),
        }
        folder, place = str(job.folder.absolute()), str(Path.cwd())
        return Task(
            session.code, arguments, folder, str(log.absolute()), str(stop.absolute()), place, environment
        )

    def extra_environment(self) -> dict[str, str]:
        """Return further variables for the jobs."""
        return {}


def _import_path() -> str:
    return os.pathsep.join(os.path.abspath(each) if each else os.getcwd() for each in sys.path)  # noqa: PTH100, PTH109


@contextmanager
def _importable() -> Iterator[None]:
    """Let workers of schedulers import what this process can import."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = _import_path()
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
