"""`hydra/launcher=local`: one job after the other, in this process."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress

from hydra.core.utils import JobReturn, JobStatus, configure_log, run_job

from gan_zoo.errors import UserError
from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import DONE, FAILED, FINISHED, PREEMPTED, REFUSED, STOPPED, UNDONE, Job
from gan_zoo.sweep.launcher import SweepLauncher
from gan_zoo.sweep.lock import only_here
from gan_zoo.sweep.signals import Asked
from gan_zoo.sweep.task import SAVED, UNSAVED, one_line, summary_of

PATIENCE_S = 60.0  # for a process that still saves the same run


class LocalLauncher(SweepLauncher):
    """Runs jobs here, so torch is loaded once; a run shows its own progress."""

    name = "local"
    live = False

    def run_all(self, jobs: list[Job]) -> None:
        """Run jobs one after the other; a signal ends the sweep with the job that it meets.

        Raises:
            SystemExit: with the exit code of a run that was asked to end.
        """
        with Asked(leaves=True) as asked:
            if jobs:
                self.progress()
                _load()
            for job in jobs:
                if asked.received is not None:  # by a job that was on its last step, and has finished
                    raise SystemExit(asked.exit_code)
                job.start()
                self.progress()
                try:
                    if len(self.jobs) == 1:
                        self._run(job)
                    else:
                        with only_here(self.lock_of(job), PATIENCE_S):
                            self._run(job)
                except UserError as error:
                    job.end(REFUSED, str(error))
                except (SystemExit, KeyboardInterrupt) as leaving:
                    job.end(PREEMPTED)
                    if asked.received is None:
                        raise
                    raise SystemExit(asked.exit_code) from leaving
                if asked.received is not None and job.state in UNDONE:
                    job.end(PREEMPTED)  # it may have failed because it was torn out of an import
                if job.state in DONE:
                    job.kimg = RunFiles(job.folder).kimg or job.kimg_total or 0.0

    def _run(self, job: Job) -> None:
        composed = self.planner.compose(job.number, job.words, job.name)
        os.environ["GAN_ZOO_METHOD"] = job.method
        try:
            returned = run_job(
                hydra_context=self.hydra_context,
                task_function=self.task_function,
                config=composed,
                job_dir_key="hydra.sweep.dir",
                job_subdir_key="hydra.sweep.subdir",
            )
        except SystemExit as leaving:
            if leaving.code in (*SAVED, UNSAVED):
                raise
            job.end(FAILED, f"it left with exit code {leaving.code}")
        else:
            _note(job, returned)
        finally:
            os.environ.pop("GAN_ZOO_METHOD", None)
            configure_log(self.config.hydra.hydra_logging, self.config.hydra.verbose)


def _note(job: Job, returned: JobReturn) -> None:
    error = returned._return_value
    if returned.status == JobStatus.COMPLETED:
        job.end(STOPPED if summary_of(job.folder).get("state") == STOPPED else FINISHED)
    elif isinstance(error, UserError):
        job.end(REFUSED, str(error))
    else:
        traceback.print_exception(error)
        job.end(FAILED, one_line(f"{type(error).__name__}: {error}"))


def _load() -> None:
    """Import torch and all that trains, once for all jobs: it is no job's own time."""
    with suppress(ImportError):  # which a job meets again, and tells
        import gan_zoo.assemble.train  # noqa: F401
