"""Where faults are tried: runs, what they must end like, and the judgement of a run that went on."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chaos_faults.comparing import Difference, unequal
from chaos_faults.plan import PLUGIN, Act, Plan, Poison, images_of
from chaos_faults.running import Ended, run_train
from chaos_faults.subjects import PICTURES, SUBJECTS, make_pictures
from gan_zoo.config.started import is_finished


@dataclass
class Result:
    """What came of one fault.

    Attributes:
        kind: of the fault, a row of the table.
        what: exactly.
        run: the folder of the run, relative to the lab's; it stays where something was wrong.
        lost: images that were computed twice, None where none could be lost.
        problems: what was not as promised; none means survived.
        wrong: where a run ended without a word and with another result.
    """

    kind: str
    what: str
    run: str
    lost: int | None = None
    problems: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        """Whether all was as promised."""
        return not self.problems and not self.wrong

    def compared(self, differences: Sequence[Difference]) -> Result:
        """Note where a run differs from what it must be like."""
        self.wrong += [each[0] for each in differences]
        return self

    def expect(self, fulfilled: bool, problem: str) -> Result:
        """Note a problem unless a promise is fulfilled."""
        self.problems += [] if fulfilled else [problem]
        return self


class Lab:
    """Runs training processes in a folder.

    Args:
        folder: for everything.
        seed: of what is drawn.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.draw, self._seed = folder.resolve(), random.Random(seed), seed
        self.controls: dict[str, Ended] = {}
        self._numbers = itertools.count(1)
        shutil.rmtree(self.folder / "runs", ignore_errors=True)
        make_pictures(self.folder / PICTURES)
        (self.folder / "runs").mkdir(parents=True, exist_ok=True)

    def new(self, kind: str) -> str:
        """Return a name for a run."""
        return f"runs/{next(self._numbers):03d}-{re.sub('[^a-z]+', '-', kind.lower())}"

    def begin(self, number: int) -> None:
        """Draw from here on what belongs to one fault, so that it does not depend on those before it."""
        self.draw = random.Random(f"{self._seed}/{number}")

    def path(self, run: str) -> Path:
        """Return the folder of a run."""
        return self.folder / run

    def train(
        self, run: str, subject: str, acts: Sequence[Act] = (), poison: Poison | None = None,
        more: Sequence[str] = (), kill_after_s: float | None = None, tells_moments: bool = False,
    ) -> Ended:  # fmt: skip
        """Begin a run, or repeat the command that began it; the plugin is there to tell and to act."""
        arguments = [*SUBJECTS[subject], *more, f"plugins=[{PLUGIN}]", f"run_dir={run}"]
        return self._run(run, arguments, Plan("", tuple(acts), poison, tells_moments), kill_after_s)

    def resume(self, run: str, acts: Sequence[Act] = ()) -> Ended:
        """Go on with a run."""
        return self._run(run, [f"resume={run}"], Plan("", tuple(acts)), None)

    def _run(self, run: str, arguments: Sequence[str], plan: Plan, kill_after_s: float | None) -> Ended:
        earlier = len(list((self.folder / "runs").glob(f"{Path(run).name}.*.events")))
        name = f"{run}.{earlier}"
        events = self.folder / f"{name}.events"
        events.touch()
        return run_train(arguments, self.folder, name, replace(plan, events=str(events)), kill_after_s)

    # What is compared ------------------------------------------------------------------------------------

    def reference(self, subject: str) -> Path:
        """Return the uninterrupted run, which nothing watches; it is made where it is missing.

        Raises:
            RuntimeError: if it does not end, or a run that is watched and undisturbed ends otherwise.
        """
        run = self.path(f"runs/{subject}")
        if subject not in self.controls:
            arguments = [*SUBJECTS[subject], f"run_dir=runs/{subject}"]
            plain = run_train(arguments, self.folder, f"runs/{subject}-0", None)
            control = self.train(f"runs/{subject}-watched", subject, tells_moments=True)
            if plain.code or control.code:
                raise RuntimeError(f"{subject} does not train: {plain.last_line} {control.last_line}")
            differences = unequal(run, self.path(f"runs/{subject}-watched"))
            if differences:
                raise RuntimeError(f"Two undisturbed runs of {subject} differ: {differences[:3]}")
            self.controls[subject] = control
        return run

    def control(self, subject: str) -> Ended:
        """Return what an undisturbed process told."""
        self.reference(subject)
        return self.controls[subject]

    def went_on(
        self, result: Result, subject: str, first: Ended, second: Ended, least: int | None = None
    ) -> Result:
        """Judge a run that was disturbed and went on to its end.

        Args:
            result: to which the judgement is added.
            subject: what was trained.
            first: the process that was disturbed.
            second: the one that went on.
            least: images that are known to be saved; by default those that the first process had saved.
        """
        saved = max(images_of(first.events, "left", "checkpoint"), default=0) if least is None else least
        began = images_of(second.events, "begins")
        reached = first.events[-1]["images"] if first.events else 0
        complete = second.code == 2 and is_finished(self.path(result.run))  # it was killed behind its end
        result.expect(second.code == 0 or complete, f"going on left with {second.code}: {second.last_line}")
        result.expect("Traceback" not in second.said, "going on showed a traceback")
        if began:
            result.lost = max(0, reached - began[0])
            result.expect(began[0] >= saved, f"{saved} images were saved, but it went on from {began[0]}")
        if second.code == 0 or complete:
            result.compared(unequal(self.reference(subject), self.path(result.run)))
            left = [path.name for path in self.path(result.run).rglob(".*")]
            result.expect(not left, f"files were left over: {', '.join(left)}")
        return result

    def outlived(
        self, result: Result, subject: str, ended: Ended, mend: Callable[[], object], message: str
    ) -> Result:
        """Judge a run that met an outage: it ends as usual, or with a message, and then goes on to its end.

        Args:
            result: to which the judgement is added.
            subject: what was trained.
            ended: the process that met it.
            mend: ends the outage.
            message: what a process that ends early must say.
        """
        if ended.code == 0:
            result.lost = 0
            return result.compared(unequal(self.reference(subject), self.path(result.run)))
        result.what += f", left with {ended.code}"
        result.expect(message in ended.said, f"it did not say '{message}', but: {ended.last_line}")
        result.expect("Traceback" not in ended.said, "it showed a traceback")
        mend()
        return self.went_on(result, subject, ended, self.resume(result.run))

    def done(self, result: Result) -> Result:
        """Remove the run of a fault that was survived."""
        if result.survived:
            for path in (self.folder / "runs").glob(f"{Path(result.run).name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return result


def was_killed(ended: Ended) -> bool:
    """Say whether SIGKILL ended a process."""
    return ended.code == -signal.SIGKILL
