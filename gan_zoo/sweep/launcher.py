"""What all launchers share: jobs are planned, run as far as they have not ended, and written down."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus, configure_log, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from gan_zoo.config.started import key_of
from gan_zoo.errors import UserError
from gan_zoo.sweep.board import Board
from gan_zoo.sweep.job import FAILED, PREEMPTED, REFUSED, RUNNING, UNDONE, WAITING, Job
from gan_zoo.sweep.lock import only_here
from gan_zoo.sweep.names import differing
from gan_zoo.sweep.note import leave_note
from gan_zoo.sweep.plan import Planner
from gan_zoo.sweep.session import current
from gan_zoo.sweep.signals import code_of
from gan_zoo.sweep.summary import content, write
from gan_zoo.sweep.task import summary_of

LOGS = "logs"


class SweepLauncher(Launcher):
    """Runs the jobs of a sweep; those that follow say where.

    Args:
        settings: `hydra.launcher.*`, as the configuration files list them.
    """

    name = ""
    live = True  # whether the sweep's progress may be one line that changes

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what Hydra knows.

        Raises:
            UserError: for settings out of range, or a package that is missing.
        """
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config
        self.check()

    def check(self) -> None:
        """Refuse settings out of range."""

    def run_all(self, jobs: list[Job]) -> None:
        """Run jobs, and note how each of them ends."""
        raise NotImplementedError

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run a batch of jobs, and return their last losses; those of jobs that failed are NaN.

        Args:
            job_overrides: what is typed for each.
            initial_job_idx: number of the first.

        Raises:
            UserError: for `run_dir`, which would be the same for all.
            SystemExit: if a signal ended the sweep.
        """
        if current().asked is not None:  # in a batch before
            raise SystemExit(code_of(current().asked))
        setup_globals()
        configure_log(self.config.hydra.hydra_logging, self.config.hydra.verbose)
        typed = [[each for each in words if key_of(each) != "resume"] for words in job_overrides]
        if any(key_of(each) == "run_dir" for words in typed for each in words):
            raise UserError(
                "In a sweep every run has its own folder. Type hydra.sweep.dir=DIR instead of run_dir=DIR"
            )
        self.planner = Planner(self.hydra_context.config_loader, self.config)
        self.sweep_dir = self.planner.sweep_dir
        self.jobs = [self.planner.job(number, words) for number, words in enumerate(typed, initial_job_idx)]
        current().jobs += self.jobs
        self.board = Board(self.jobs, self.live)
        self._noted: set[int] = set()
        with self._environment():
            try:
                self.run_all([job for job in self.jobs if job.state == WAITING])
            finally:
                self._close()
        return [_returned(job) for job in self.jobs]

    def progress(self) -> None:
        """Show and write down where the sweep stands; a single job is its own table."""
        for job in self.jobs:
            if job.state in (FAILED, REFUSED) and job.number not in self._noted:
                self._noted.add(job.number)
                with suppress(UserError), only_here(self.lock_of(job), 0.0):  # another process trains there
                    leave_note(job, current().program)
        if len(self.jobs) > 1:
            self.board.show()
            begun = [job for job in self.jobs if job.state not in (WAITING, REFUSED)]
            if begun and self.board.changed:
                write(self.sweep_dir, content(self.jobs, self.sweep_dir, self._about()))

    def lock_of(self, job: Job) -> Path:
        """Return the file that is locked while a job runs."""
        return self.sweep_dir / LOGS / f"{job.name.replace('/', '_')}.lock"

    def _about(self) -> dict[str, Any]:
        return {
            "name": self.sweep_dir.name,
            "command": f"{current().program} {shlex.join(sys.argv[1:])}",
            "launcher": self.name,
        }

    def _close(self) -> None:
        """Write the table, and list what is not done, with its reason."""
        for job in self.jobs:
            if job.state == RUNNING:
                job.end(PREEMPTED)
        self.progress()
        self.board.close()
        logs = self.sweep_dir / LOGS
        if logs.is_dir() and not any(logs.iterdir()):
            logs.rmdir()
        if len(self.jobs) > 1 and (self.sweep_dir / "sweep.md").exists():
            print(f"Table:   {self.sweep_dir / 'sweep.md'}", flush=True)  # noqa: T201
        for job in self.jobs:
            if job.state in (*UNDONE, WAITING):
                print(_complaint(job, current().jobs), file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """Tell the runs which sweep they belong to."""
        before = os.environ.get("GAN_ZOO_SWEEP")
        os.environ["GAN_ZOO_SWEEP"] = self.sweep_dir.name
        try:
            yield
        finally:
            os.environ.pop("GAN_ZOO_SWEEP")
            if before is not None:
                os.environ["GAN_ZOO_SWEEP"] = before


def _complaint(job: Job, jobs: Sequence[Job]) -> str:
    title = f"run {job.number} ({','.join(differing(job.words, [each.words for each in jobs])) or job.name})"
    if job.state in (PREEMPTED, WAITING):
        what = "finished" if job.state == PREEMPTED else "begun"
        return f"{title} was not {what}; the same command goes on with it."
    return f"error: {title}: {job.reason}"


def _returned(job: Job) -> JobReturn:
    """Return what Hydra's sweepers take for the result of a job."""
    losses = summary_of(job.folder).get("losses")
    returned = JobReturn(overrides=list(job.words), status=JobStatus.COMPLETED)
    returned.return_value = float("nan") if job.state in UNDONE or losses is None else losses
    return returned
