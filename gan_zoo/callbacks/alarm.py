"""Says when a run collapses: runs the diagnosis on the vital signs, and tells each new finding once."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl
from tqdm import tqdm

from gan_zoo.callbacks.loggers import log_values, send_alert
from gan_zoo.callbacks.observer import Observer
from gan_zoo.callbacks.vitals import Vitals
from gan_zoo.checkpoint import write_bytes
from gan_zoo.diagnosis import Diagnosis, Finding

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


SHOWN = 3  # remedies on the terminal; findings.json and `diagnose` have them all


class Alarm(Observer):
    """Tells findings to the terminal, the loggers (`alarm/<kind>`: since which kimg), W&B and findings.json.

    It only looks; what `guard=stop` and `guard=rollback` do is the run controller's. With `guard=off` it
    is silent. It needs `Vitals` before it among the callbacks.

    Attributes:
        diagnosis: all that was seen and found.
        latest: what was found at the last look.
        actions: what the run controller did, plain.
    """

    def __init__(self) -> None:
        self.diagnosis = Diagnosis()
        self.latest: list[Finding] = []
        self.actions: list[dict[str, Any]] = []
        self._looks = 0

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Note which parts the run has, so that they are not proposed as remedies."""
        config = module.config
        self._on = config.get("guard", "warn") != "off"
        self.diagnosis.parts |= {*config.get("regularizer", {}), *config.get("stabilizer", {})}

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Take in the first look."""
        self.step(trainer, module)

    def resume(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Go on with what is known up to the checkpoint."""
        self.step(trainer, module)

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Judge a new look, if there is one."""
        self.latest = []
        vitals = vitals_of(trainer)
        if vitals is None or vitals.looks == self._looks or not self._on:
            return
        self._looks = vitals.looks
        self.latest = self.diagnosis.add(vitals.latest)
        for finding in self.latest:
            self._tell(trainer, finding, module.game.images)
        if self.latest:
            self.write(module)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write findings.json, also when it is empty: that nothing was found is worth knowing."""
        if self._on:
            self.write(module)

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Write findings.json."""
        self.finish(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return the history, what was found in it, and what the run controller did."""
        return {"diagnosis": self.diagnosis.to_plain(), "actions": list(self.actions), "looks": self._looks}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over the history; what was found is not told again."""
        self.diagnosis.take_over(state_dict["diagnosis"])
        self.actions, self._looks = list(state_dict["actions"]), state_dict["looks"]

    def rewind(self, kimg: float, parts: Collection[str] = ()) -> None:
        """Forget the looks after `kimg`, where the run goes back to; `parts` are what is new there."""
        self.diagnosis.rewind(kimg, parts)

    def record(self, action: dict[str, Any], module: GANModule) -> None:
        """Note what the run controller did; what a full disk refuses now is written at the end."""
        self.actions.append(action)
        with suppress(OSError):
            self.write(module)

    def plain_findings(self) -> list[dict[str, Any]]:
        """Return the findings as plain data."""
        return [finding.to_plain() for finding in self.diagnosis.findings]

    def write(self, module: GANModule) -> None:
        """Write findings.json."""
        content = {"findings": self.plain_findings(), "actions": self.actions}
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
        write_bytes(module.run_dir / "findings.json", f"{text}\n".encode())

    def _tell(self, trainer: pl.Trainer, finding: Finding, images: int) -> None:
        say(*finding.lines(SHOWN))
        log_values(trainer, {f"alarm/{finding.kind}": finding.since_kimg}, images)
        send_alert(trainer, finding.title, "\n".join(finding.lines()))


def say(*lines: str) -> None:
    """Print lines on the standard error stream, above a progress bar where there is one."""
    tqdm.write("\n".join((f"ALARM: {lines[0]}", *lines[1:])), file=sys.stderr)


def alarm_of(trainer: pl.Trainer) -> Alarm | None:
    """Return the run's alarm, or None."""
    found = [callback for callback in trainer.callbacks if isinstance(callback, Alarm)]  # type: ignore[attr-defined]
    return found[0] if found else None


def vitals_of(trainer: pl.Trainer) -> Vitals | None:
    """Return the run's vital signs, or None."""
    found = [callback for callback in trainer.callbacks if isinstance(callback, Vitals)]  # type: ignore[attr-defined]
    return found[0] if found else None
