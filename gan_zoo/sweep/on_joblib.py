"""`hydra/launcher=joblib`: several jobs at once on this machine."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from functools import partial

from gan_zoo.errors import UserError
from gan_zoo.sweep.elsewhere import Answer, ElsewhereLauncher
from gan_zoo.sweep.job import FAILED
from gan_zoo.sweep.task import Result, Worker, one_line


class JoblibLauncher(ElsewhereLauncher):
    """Runs `n_jobs` at a time; each of them gets its share of the cores, and of the GPUs in `gpus`."""

    name = "joblib"

    def check(self) -> None:
        """Refuse settings out of range.

        Raises:
            UserError: if it does.
        """
        try:
            from joblib import effective_n_jobs  # type: ignore[import-untyped]
        except ImportError as error:
            raise UserError(
                "hydra/launcher=joblib needs the package joblib. Type: pip install joblib"
            ) from error
        n_jobs = self.settings["n_jobs"]
        if not isinstance(n_jobs, int) or isinstance(n_jobs, bool) or n_jobs == 0:
            raise UserError(
                f"hydra.launcher.n_jobs={n_jobs!r}: how many jobs run at once, 1 or more, or -1 for one per "
                f"core. Type for example hydra.launcher.n_jobs=2"
            )
        self.n_jobs = int(effective_n_jobs(n_jobs))
        self.gpus = [str(each) for each in self.settings["gpus"]]

    def extra_environment(self) -> dict[str, str]:
        """Share the cores, as joblib's own processes would; what the user has set stays."""
        threads = str(max(1, (os.cpu_count() or 1) // self.n_jobs))
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
        return {name: threads for name in names if name not in os.environ}

    def submit(self, workers: Sequence[Worker]) -> list[Answer]:
        """Start a pool that looks after the processes."""
        results: dict[int, Result] = {}
        free: queue.SimpleQueue[str] = queue.SimpleQueue()
        for place in range(self.n_jobs):
            free.put(self.gpus[place % len(self.gpus)] if self.gpus else "")
        pool = threading.Thread(target=self._pool, args=(workers, results, free), daemon=True)
        pool.start()
        return [partial(_answer, results, number, pool) for number in range(len(workers))]

    def _pool(
        self, workers: Sequence[Worker], results: dict[int, Result], free: queue.SimpleQueue[str]
    ) -> None:
        from joblib import Parallel, delayed

        def work(number: int, worker: Worker) -> None:
            gpu = free.get()
            try:
                if gpu:
                    worker.task.environment["CUDA_VISIBLE_DEVICES"] = gpu
                results[number] = worker()
            except OSError as error:
                results[number] = Result(FAILED, one_line(str(error)))
            finally:
                free.put(gpu)

        Parallel(n_jobs=self.n_jobs, backend="threading", batch_size=1)(
            delayed(work)(number, worker) for number, worker in enumerate(workers)
        )


def _answer(results: dict[int, Result], number: int, pool: threading.Thread) -> Result | None:
    if number not in results and not pool.is_alive():
        return results.get(number, Result(FAILED, "the pool of workers ended before it"))
    return results.get(number)
