"""The run controller: acts on what the alarm finds, by ending the run or by going back to a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytorch_lightning as pl

from gan_zoo import checkpoint
from gan_zoo.assemble.remedy import first_that_fits
from gan_zoo.callbacks import Alarm, Vitals
from gan_zoo.callbacks.alarm import say
from gan_zoo.callbacks.checkpoints import NUMBERED, contents, image_name
from gan_zoo.callbacks.observer import Observer
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
    five looks apart, and removes them when the run ends.

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
        elif found and self.returns < MOST_RETURNS:
            self._return(trainer, module, found[0])
        else:
            self._keep(module)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remove the healthy checkpoints, unless the run goes on from one."""
        if self.mode == "rollback" and not self.goes_on:
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

    def _return(self, trainer: pl.Trainer, module: GANModule, finding: Finding) -> None:
        """Leave Lightning's loop, and prepare what the run goes on with."""
        fitting = first_that_fits(module, finding.remedies, self._tried)
        if fitting is None:
            say("guard=rollback knows no remedy that this run could go on with; it goes on as it is.")
            return
        remedy, following, loader = fitting
        saved = checkpoint.load(self._healthy(module, finding.since_kimg), following.device)
        kimg = saved["images"] / 1000.0
        following.saved = {**saved["game"], "stabilizers": _known(following, saved)}
        self._following, loader.images = (following, loader), saved["images"]
        self.returns += 1
        self._tried.append(remedy.override)
        say(f"guard=rollback returns to {kimg:.1f} kimg and goes on with {remedy.typed}")
        action = {
            "action": "rollback",
            **_reason(module, finding),
            "to_kimg": kimg,
            "remedy": remedy.override,
        }
        self._forget(module, saved)
        self.alarm.rewind(kimg, [*following.config["regularizer"], *following.config["stabilizer"]])
        self.alarm.record(action, module)
        for observer in self.observers:
            observer.pauses = True
        trainer.should_stop = True

    # Healthy checkpoints ---------------------------------------------------------------------------------

    def _keep(self, module: GANModule) -> None:
        """Keep a checkpoint of every fifth look, and of the start."""
        looks = len(self.alarm.diagnosis.history)
        due = looks % LOOKS_BETWEEN == 1 and looks != self._looks
        if self.mode != "rollback" or self.returns >= MOST_RETURNS or not due:
            return
        self._looks = looks
        name = image_name(module.game.images).removesuffix("kimg")
        checkpoint.save(_folder(module) / f"healthy-{name}.ckpt", contents(module, [*self.observers, self]))
        for path in self._kept(module)[1:-KEEP]:
            path.unlink()

    def _kept(self, module: GANModule) -> list[Path]:
        return sorted(_folder(module).glob("healthy-*.ckpt"))

    def _healthy(self, module: GANModule, since_kimg: float) -> Path:
        """Return the newest checkpoint from before a finding, or else the start's."""
        known = [*self._kept(module), *sorted(_folder(module).glob(NUMBERED))]
        before = [path for path in known if _images(path) < since_kimg * 1000.0]
        return max(before, key=_images) if before else known[0]

    def _forget(self, module: GANModule, saved: dict[str, Any]) -> None:
        """Remove the checkpoints of what is left behind, so that `last.ckpt` is again the newest one."""
        for path in [*self._kept(module), *_folder(module).glob(NUMBERED)]:
            if _images(path) > saved["images"]:
                path.unlink()
        if (_folder(module) / "last.ckpt").exists():
            checkpoint.save(_folder(module) / "last.ckpt", saved)


def _folder(module: GANModule) -> Path:
    return module.run_dir / "checkpoints"


def _images(path: Path) -> int:
    """Return the image count in a checkpoint's name, `000012.500kimg.ckpt` or `healthy-000012.500.ckpt`."""
    whole, thousandth = path.stem.removeprefix("healthy-").removesuffix("kimg").split(".")
    return int(whole) * 1000 + int(thousandth)


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
