"""The run controller: acts on what the alarm finds, by ending the run or by going back to a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytorch_lightning as pl
import torch

from gan_zoo import checkpoint
from gan_zoo.assemble.remedy import first_that_fits
from gan_zoo.callbacks import Alarm, Vitals
from gan_zoo.callbacks.alarm import say
from gan_zoo.callbacks.observer import Observer, state_key
from gan_zoo.callbacks.shelf import contents
from gan_zoo.callbacks.signals import preempted_by
from gan_zoo.checkpoint import HEALTHY, LAST, NUMBERED, healthy_name, images_in_name
from gan_zoo.data.loader import Loader
from gan_zoo.diagnosis import Finding
from gan_zoo.errors import UserError
from gan_zoo.module import GANModule

MOST_RETURNS = 3
KEEP = 4  # healthy checkpoints beside the one of the start
LOOKS_BETWEEN = 5  # looks from one of them to the next
ACTING = ("stop", "rollback")


class Guard(pl.Callback):
    """Ends a run (`stop`), or returns to the last healthy checkpoint with a remedy (`rollback`), three times.

    It is no observer: it may change the run. It stands after all observers, so that they have seen what it
    acts on. `rollback` keeps `healthy-*.ckpt` in the run's checkpoints folder, the start's and four more,
    five looks apart, and removes them when the run ends. Where it cannot go back the run goes on as it is,
    and findings.json says why.

    Args:
        mode: the run's `guard`.
        observers: the run's callbacks.

    Raises:
        UserError: if it shall act and nothing is there to sound the alarm.
    """

    def __init__(self, mode: str, observers: Sequence[pl.Callback]) -> None:
        alarms = [callback for callback in observers if isinstance(callback, Alarm)]
        if mode in ACTING and not (alarms and any(isinstance(callback, Vitals) for callback in observers)):
            raise UserError(
                f"guard={mode} acts on what callbacks.vitals and callbacks.alarm find, and this run lacks "
                f"them. Type callbacks=default, or guard=off."
            )
        self.mode, self.alarm = mode, alarms[0] if alarms else Alarm()
        self.observers = [callback for callback in observers if isinstance(callback, Observer)]
        self.returns = 0
        self._following: tuple[GANModule, Loader] | None = None  # what the run goes on with
        self._tried: list[str] = []
        self._looks = 0

    @property
    def goes_on(self) -> bool:
        """Whether the run goes on from an earlier checkpoint, now that Lightning's loop has ended."""
        return self._following is not None

    def following(self) -> tuple[GANModule, Loader]:
        """Return what the run goes on with, once.

        Raises:
            RuntimeError: if the run does not go on.
        """
        if self._following is None:
            raise RuntimeError("The run does not go on; ask `goes_on` first.")
        following, self._following = self._following, None
        return following

    # Lightning's hooks -----------------------------------------------------------------------------------

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the start."""
        self._keep(cast(GANModule, pl_module))

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Act on what was found at this batch."""
        module = cast(GANModule, pl_module)
        found = self.alarm.latest if self.mode in ACTING else []
        if found and self.mode == "stop":
            self._stop(trainer, module, found[0])
        elif found:
            self._return(trainer, module, found)
        else:
            self._keep(module)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remove the healthy checkpoints, unless the run goes on: from one now, or in another process."""
        if self.mode == "rollback" and not self.goes_on and preempted_by(self.observers) is None:
            for path in self._kept(cast(GANModule, pl_module)):
                path.unlink()

    def state_dict(self) -> dict[str, Any]:
        """Return how often the run went back, and with what."""
        return {"returns": self.returns, "tried": list(self._tried)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over how often the run went back."""
        self.returns, self._tried = state_dict["returns"], list(state_dict["tried"])

    # What it does ----------------------------------------------------------------------------------------

    def _stop(self, trainer: pl.Trainer, module: GANModule, finding: Finding) -> None:
        """End the run after this batch; observers finish as they do at its end."""
        say(f"guard=stop ends the run at {module.game.images / 1000:.1f} kimg.")
        self.alarm.record({"action": "stop", **_reason(module, finding)}, module)
        trainer.should_stop = True

    def _return(self, trainer: pl.Trainer, module: GANModule, found: Sequence[Finding]) -> None:
        """Leave Lightning's loop, and prepare what the run goes on with; or say why it stays as it is."""
        reason = _reason(module, found[0])
        if self.returns == MOST_RETURNS:
            self._stay(module, reason, f"it has gone back {MOST_RETURNS} times")
            return
        fitting = first_that_fits(module, found[0].remedies, self._tried)
        if fitting is None:
            self._stay(module, reason, "it knows no remedy that this run could go on with")
            return
        remedy, following, loader = fitting
        saved = self._healthy(module, min(finding.since_kimg for finding in found), following.device)
        if saved is None:
            self._stay(module, reason, "there is no checkpoint from before the finding")
            return
        kimg = saved["images"] / 1000.0
        following.saved = {**saved["game"], "stabilizers": _known(following, saved)}
        action = {"action": "rollback", **reason, "to_kimg": kimg, "remedy": remedy.override}
        self.returns += 1
        self._tried.append(remedy.override)
        try:
            self._forget(module, self._changed(following, saved, action))
        except OSError as error:
            self.returns -= 1
            self._tried.pop()
            self._stay(module, reason, f"the disk refuses: {error.strerror or error}")
            return
        self._following, loader.images = (following, loader), saved["images"]
        say(f"guard=rollback returns to {kimg:.1f} kimg and goes on with {remedy.typed}")
        self.alarm.rewind(kimg, [*following.config["regularizer"], *following.config["stabilizer"]])
        self.alarm.record(action, module)
        for observer in self.observers:
            observer.pauses = True
        trainer.should_stop = True

    def _stay(self, module: GANModule, reason: dict[str, Any], why: str) -> None:
        """Let the run go on as it is, and say why."""
        say(f"guard=rollback lets the run go on as it is: {why}.")
        self.alarm.record({"action": "none", **reason, "why": why}, module)

    # Healthy checkpoints ---------------------------------------------------------------------------------

    def _keep(self, module: GANModule) -> None:
        """Keep a checkpoint of every fifth look, and of the start; a disk that refuses ends no run."""
        looks = len(self.alarm.diagnosis.history)
        due = looks % LOOKS_BETWEEN == 1 and looks != self._looks
        if self.mode != "rollback" or self.returns >= MOST_RETURNS or not due:
            return
        self._looks = looks
        path = _folder(module) / healthy_name(module.game.images)
        try:
            checkpoint.save(path, contents(module, [*self.observers, self]))
            for old in self._kept(module)[1:-KEEP]:
                old.unlink()
        except OSError as error:
            say(f"guard=rollback cannot keep {path.name}: {error.strerror or error}. The run goes on.")

    def _kept(self, module: GANModule) -> list[Path]:
        return sorted(_folder(module).glob(HEALTHY))

    def _healthy(self, module: GANModule, since_kimg: float, device: torch.device) -> dict[str, Any] | None:
        """Return the newest good checkpoint from before a finding, or the start's, or None."""
        known = [*self._kept(module), *_folder(module).glob(NUMBERED)]
        before = [path for path in known if _images(path) < since_kimg * 1000.0 or not _images(path)]
        for path in sorted(before, key=_images, reverse=True):
            try:
                return checkpoint.load(path, device)
            except UserError as error:
                say(f"guard=rollback passes over {path.name}: {error}")
        return None

    def _changed(self, following: GANModule, saved: dict[str, Any], action: dict[str, Any]) -> dict[str, Any]:
        """Return the checkpoint with which a process that is killed from now on goes on."""
        alarm = saved["observers"].get(state_key(self.alarm), self.alarm.state_dict())
        diagnosis = {**alarm["diagnosis"], "findings": self.alarm.plain_findings()}
        alarm = {**alarm, "diagnosis": diagnosis, "actions": [*self.alarm.actions, action]}
        known = {state_key(self.alarm): alarm, state_key(self): self.state_dict()}
        return {
            **saved,
            "config": following.config,
            "game": following.saved,
            "observers": {**saved["observers"], **known},
        }

    def _forget(self, module: GANModule, changed: dict[str, Any]) -> None:
        """Make `last.ckpt` that from which the run goes on, and remove those of what is left behind."""
        checkpoint.save(_folder(module) / LAST, changed)
        for path in [*self._kept(module), *_folder(module).glob(NUMBERED)]:
            if _images(path) > changed["images"]:
                path.unlink()


def _folder(module: GANModule) -> Path:
    return module.run_dir / "checkpoints"


def _images(path: Path) -> int:
    return images_in_name(path) or 0


def _reason(module: GANModule, finding: Finding) -> dict[str, Any]:
    """Return what made the guard act, plain."""
    return {
        "at_kimg": module.game.images / 1000.0,
        "because": finding.kind,
        "since_kimg": finding.since_kimg,
        "evidence": finding.evidence,
    }


def _known(module: GANModule, saved: dict[str, Any]) -> dict[str, Any]:
    """Return the saved state of every stabilizer of a run; a new one has none yet."""
    return {name: saved["game"]["stabilizers"].get(name, {}) for name in module.game.stabilizers}
