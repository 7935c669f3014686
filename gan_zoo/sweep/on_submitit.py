"""`hydra/launcher=submitit_local` and `submitit_slurm`: jobs handed to submitit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gan_zoo.errors import UserError
from gan_zoo.sweep.elsewhere import Answer, ElsewhereLauncher
from gan_zoo.sweep.job import FAILED, FINISHED
from gan_zoo.sweep.task import Result, Worker, one_line

FOREVER_S = 1e9  # for a job of an earlier command, which a scheduler may still run


class SubmititLauncher(ElsewhereLauncher):
    """Submits jobs; those that follow say where."""

    cluster = ""
    patience_s = FOREVER_S
    ours: tuple[str, ...] = ()  # settings that submitit does not know
    slurm_only: tuple[str, ...] = ()  # settings that submitit knows by `slurm_` and their name

    def check(self) -> None:
        """Refuse to begin without submitit.

        Raises:
            UserError: if it is missing.
        """
        try:
            import submitit  # noqa: F401
        except ImportError as error:
            raise UserError(
                f"hydra/launcher={self.name} needs the package submitit. Type: pip install gan-zoo[submitit]"
            ) from error

    def parameters(self) -> dict[str, Any]:
        """Return the settings as submitit calls them."""
        given = {key: value for key, value in self.settings.items() if key not in self.ours}
        given = {key: value for key, value in given.items() if value is not None}
        plain = {key: _plain(value) for key, value in given.items()}
        return {f"slurm_{key}" if key in self.slurm_only else key: value for key, value in plain.items()}

    def executor(self) -> Any:
        """Return submitit's executor.

        Raises:
            UserError: for settings that it refuses, or where there is no such scheduler.
        """
        import submitit

        options = {f"{self.cluster}_max_num_timeout": self.settings["max_num_timeout"]}
        try:
            executor = submitit.AutoExecutor(
                folder=str(self.sweep_dir / "submitit" / "%j"), cluster=self.cluster, **options
            )
            executor.update_parameters(name=self.sweep_dir.name, **self.parameters())
        except (RuntimeError, ValueError, TypeError, NameError) as error:
            raise UserError(f"hydra/launcher={self.name}: {one_line(str(error))}") from error
        return executor


class SubmititLocalLauncher(SubmititLauncher):
    """Runs `n_jobs` at a time on this machine, as a cluster would; for a try before the cluster."""

    name, cluster = "submitit_local", "local"
    ours = ("n_jobs", "max_num_timeout")

    def submit(self, workers: Sequence[Worker]) -> list[Answer]:
        """Submit each job as soon as there is a place for it."""
        executor = self.executor()
        handles: dict[int, Any] = {}

        def answer(number: int) -> Result | None:
            if number not in handles:
                if sum(_result(each) is None for each in handles.values()) >= self.settings["n_jobs"]:
                    return None
                handles[number] = executor.submit(workers[number])
            return _result(handles[number])

        return [partial(answer, number) for number in range(len(workers))]


class SubmititSlurmLauncher(SubmititLauncher):
    """Submits an array of jobs to SLURM; they go on where this process ends."""

    name, cluster = "submitit_slurm", "slurm"
    ends_with_us = False
    said = "the jobs go on without this process; `scancel` ends them, the same command follows them."
    ours = ("max_num_timeout",)
    slurm_only = (
        "partition", "account", "qos", "constraint", "exclude", "comment", "array_parallelism",
        "signal_delay_s", "setup", "srun_args", "additional_parameters", "mail_user", "mail_type",
    )  # fmt: skip

    def submit(self, workers: Sequence[Worker]) -> list[Answer]:
        """Submit all jobs at once."""
        executor = self.executor()
        handles = (
            executor.map_array(call, list(workers)) if len(workers) > 1 else [executor.submit(workers[0])]
        )
        return [partial(_result, handle) for handle in handles]


def call(worker: Worker) -> Result:
    """Run a worker."""
    return worker()


def _result(handle: Any) -> Result | None:
    """Return how a job ended; of several tasks, the first that did not end well."""
    if not handle.done():
        return None
    try:
        results = handle.results()
    except Exception as error:  # noqa: BLE001  (submitit hands on whatever happened there)
        lines = [each for each in str(error).splitlines() if each.strip()]
        return Result(FAILED, one_line(lines[-1] if lines else type(error).__name__))
    return next((each for each in results if each.state != FINISHED), results[0])


def _plain(value: Any) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
