"""`hydra/launcher=ray`: jobs on a Ray cluster, or on one that is started here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gan_zoo.errors import UserError
from gan_zoo.sweep.elsewhere import Answer, ElsewhereLauncher
from gan_zoo.sweep.job import FAILED, Job
from gan_zoo.sweep.task import Result, Worker, one_line


class RayLauncher(ElsewhereLauncher):
    """Runs as many jobs at a time as the cluster has cores and GPUs for.

    hydra-ray-launcher needs packages of years ago; this needs none but Ray itself.
    """

    name = "ray"

    def check(self) -> None:
        """Refuse settings out of range.

        Raises:
            UserError: for these, or without Ray.
        """
        try:
            import ray  # noqa: F401
        except ImportError as error:
            raise UserError(
                "hydra/launcher=ray needs the package ray. Type: pip install gan-zoo[ray]"
            ) from error
        for key in ("cpus_per_job", "gpus_per_job"):
            value = self.settings[key]
            if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
                raise UserError(
                    f"hydra.launcher.{key}={value!r}: what a job needs of a machine, 0 or more. Type for "
                    f"example hydra.launcher.{key}=1"
                )

    def run_all(self, jobs: list[Job]) -> None:
        """Run jobs on the cluster, which ends with the sweep where it was started here."""
        import ray

        if not jobs:
            return
        address = self.settings["address"]
        here: dict[str, Any] = {"include_dashboard": False}
        if address is None and self.settings["num_cpus"] is not None:
            here["num_cpus"] = self.settings["num_cpus"]
        try:
            ray.init(address=address or "local", log_to_driver=False, **({} if address else here))
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise UserError(
                f"hydra/launcher=ray cannot reach address={address}: {one_line(str(error))}"
            ) from error
        try:
            super().run_all(jobs)
        finally:
            ray.shutdown()

    def submit(self, workers: Sequence[Worker]) -> list[Answer]:
        """Submit all jobs at once; Ray starts them as it finds room."""
        import ray

        needs = {"num_cpus": self.settings["cpus_per_job"], "num_gpus": self.settings["gpus_per_job"]}
        remote = ray.remote(call).options(**needs, max_retries=0)
        return [partial(_result, remote.remote(worker)) for worker in workers]


def call(worker: Worker) -> Result:
    """Run a worker."""
    return worker()


def _result(reference: Any) -> Result | None:
    import ray

    if not ray.wait([reference], timeout=0)[0]:
        return None
    try:
        return ray.get(reference)  # type: ignore[no-any-return]
    except ray.exceptions.RayError as error:
        return Result(FAILED, one_line(str(error)))
