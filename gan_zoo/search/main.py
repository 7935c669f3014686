"""The loop of a search: ask for values, train, judge, tell; whatever ends it, the same command goes on."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from optuna.trial import FrozenTrial
from tqdm import tqdm

from gan_zoo.errors import UserError
from gan_zoo.run_files import RunFiles
from gan_zoo.search.outcome import DONE, Outcome, judge
from gan_zoo.search.plan import Plan
from gan_zoo.search.running import Running, end, start
from gan_zoo.search.study import Memory, folder_of
from gan_zoo.search.table import CSV, closing, comma_separated

POLL_S = 0.2
LIVE_S = 2.0  # between two refreshes of the live line
LOCK = "lock"
BY_CTRL_C = 130
RESUME_ME = 75


class Search:
    """A search that goes on.

    Args:
        plan: what to do.
        memory: what was done.
    """

    def __init__(self, plan: Plan, memory: Memory) -> None:
        self.plan, self.memory = plan, memory
        self._waiting: deque[FrozenTrial] = deque(memory.interrupted())
        self._running: list[Running] = []
        self._seconds: list[float] = []  # of the trials that ended here
        ended = len(memory.trials()) - len(self._waiting)
        self._bar = tqdm(total=max(plan.config.trials, ended), initial=ended, unit="trial", disable=None)

    def run(self) -> int:
        """Train until all trials have ended; return 0, 75 if a run was asked to end, 130 after Ctrl-C."""
        try:
            self._fill()
            while self._running:
                for each in self._ended():
                    if self._conclude(each).kind == "interrupted":
                        return RESUME_ME
                    self._fill()
        except KeyboardInterrupt:
            self._bar.clear()
            print("\nThe trials that run are saved; this takes a moment.", file=sys.stderr)  # noqa: T201
            return BY_CTRL_C
        finally:
            end(self._running)
            self._bar.close()
        return 0

    def _fill(self) -> None:
        """Begin trials while there is room: first those that were interrupted."""
        while len(self._running) < self.plan.config.jobs:
            if self._waiting:
                trial = self._waiting.popleft()
            elif len(self.memory.trials()) < self.plan.config.trials:
                trial = self.memory.ask()
            else:
                return
            files = RunFiles(folder_of(self.plan, trial))
            if files.state in DONE:  # the search was killed before it could take note
                self._note(trial, judge(files, self.plan, 0, ""))
            else:
                self._running.append(start(self.plan, trial))

    def _ended(self) -> Iterator[Running]:
        """Wait, and yield the trials whose process has ended."""
        looked = 0.0
        while all(each.process.poll() is None for each in self._running):
            if time.monotonic() - looked > LIVE_S:
                looked = time.monotonic()
                self._bar.set_postfix_str(", ".join(map(_progress, self._running)))
            time.sleep(POLL_S)
        for each in [each for each in self._running if each.process.poll() is not None]:
            self._running.remove(each)
            yield each

    def _conclude(self, ended: Running) -> Outcome:
        outcome = ended.outcome(self.plan)
        if outcome.kind != "interrupted":
            self._seconds.append(ended.seconds)
        self._note(ended.trial, outcome)
        return outcome

    def _note(self, trial: FrozenTrial, outcome: Outcome) -> None:
        self.memory.tell(trial, outcome)
        self._bar.update(outcome.kind != "interrupted")
        tqdm.write(self._line(trial, outcome), file=sys.stdout)
        sys.stdout.flush()

    def _line(self, trial: FrozenTrial, outcome: Outcome) -> str:
        """Return what is said of a trial that has ended, and how long the rest may take."""
        pairs = zip(self.plan.objectives, outcome.values, strict=False)
        said = ", ".join(f"{column} {value:.4g}" for column, value in pairs) or outcome.reason
        chosen = " ".join(f"{key}={_short(value)}" for key, value in trial.params.items())
        total = max(self.plan.config.trials, len(self.memory.trials()))
        left = total - (len(self.memory.trials()) - len(self.memory.interrupted()))
        rest = f", {self._left(left)} left" if left and self._seconds else ""
        return f"[{total - left}/{total}{rest}] trial {trial.number} {outcome.kind}: {said}  ({chosen})"

    def _left(self, trials: int) -> str:
        seconds = sum(self._seconds) / len(self._seconds) * trials / self.plan.config.jobs
        return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"


def search(plan: Plan) -> int:
    """Do a search, or go on with it, and print what came out.

    Returns:
        The exit code: 0; 1 if no trial is complete; 75 or 130 if it was asked to end and can be gone on with.

    Raises:
        UserError: if the folder holds another search, or one that goes on, or an objective does not exist.
    """
    with _alone(plan):
        memory = Memory(plan)
        code = Search(plan, memory).run()
        (plan.out / CSV).write_text(comma_separated(plan, memory), encoding="utf-8")
        print(closing(plan, memory))  # noqa: T201
        if code:
            print("Interrupted. The same command goes on from here.", file=sys.stderr)  # noqa: T201
            return code
        return 0 if memory.best() else 1


@contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    """Hold the folder; the system lets go of it when this process ends, however that comes about."""
    plan.out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(plan.out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(
            f"This search is going on already, in {plan.out}. Wait, or type search.out=DIR."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _progress(running: Running) -> str:
    files = RunFiles(running.folder)
    total = "" if files.kimg_total is None else f"/{files.kimg_total:g}"
    return f"trial {running.trial.number} at {files.kimg:.1f}{total} kimg"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
