"""Says when a run is saved: by images, by minutes, at its best, when it is asked to end, and at its end."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import pytorch_lightning as pl
from tqdm import tqdm

from gan_zoo import checkpoint
from gan_zoo.callbacks.best import Kept, Listener, read_best
from gan_zoo.callbacks.loggers import rows_logged
from gan_zoo.callbacks.observer import Every, Interval, Observer, as_images, checked, state_key
from gan_zoo.callbacks.shelf import Shelf, contents
from gan_zoo.callbacks.signals import Signals
from gan_zoo.checkpoint import INTERRUPTED, NUMBERED, image_name
from gan_zoo.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

__all__ = ["NUMBERED", "Checkpoints", "contents", "image_name", "in_order"]
RETRY_S = 60.0  # seconds after a save that failed until the next try, at the latest


class Checkpoints(Observer):
    """Saves `last.ckpt`, complete at every instant, a few numbered ones, and the best ones.

    It stands after all observers but the summary, so that what they know at an image count is saved with it.
    SIGTERM, SIGINT and SIGUSR1 end the run after the current step: it is saved, no observer finishes, and the
    process leaves with exit code 75 (after Ctrl-C 130); see `signals`.

    A save that the disk refuses leaves what was saved before as it is. In the middle of a run that is told
    once, and tried again within a minute; at its start, at its end, and where it is asked to end, it raises.

    An exception inside a batch may leave a player between two updates, so what is saved then goes to
    `interrupted.ckpt`, and `last.ckpt` stays what it was.

    Args:
        every_kimg: between two checkpoints; `auto` saves five times per run.
        every_minutes: between two checkpoints, whatever the images; null for images alone.
        keep_last: how many numbered checkpoints stay beside `last.ckpt`.
        keep_best: `{metric: NAME, mode: min, count: 1}` keeps `best-*.ckpt` of the best values of a logged
            number; null keeps none.

    Attributes:
        ended_by: the signal that ended the run, or None.

    Raises:
        UserError: if an argument is out of range.
    """

    def __init__(
        self, every_kimg: Interval = "auto", every_minutes: float | None = None, keep_last: int = 2,
        keep_best: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        if isinstance(keep_last, bool) or not isinstance(keep_last, int) or keep_last < 0:
            raise UserError(f"keep_last={keep_last!r}: give a whole number, 0 for last.ckpt alone.")
        self.every_kimg, self.keep_last = checked(every_kimg), keep_last
        self.seconds = _seconds(every_minutes)
        self.best, self.listener, self.signals = read_best(keep_best), Listener(), Signals()
        self.ended_by: signal.Signals | None = None
        self._refusal: UserError | None = None
        self._inside, self._trainer = False, cast("pl.Trainer | None", None)

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Begin to count, and make sure that there is a folder to write to.

        Raises:
            UserError: if there is none.
        """
        images, self._trainer = module.game.images, trainer
        self._due = Every(as_images(self.every_kimg, module.game.total_images, 5), images)
        self._next = time.monotonic() + self.seconds
        self._saved_at: int | None = None
        self.shelf = Shelf(module.run_dir / "checkpoints", self.keep_last)
        self.shelf.open(images)
        if self.best is not None:
            trainer.loggers.append(self.listener)

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Save when an interval was crossed, or when a metric was never as good."""
        self._inside = False
        best = self._new_best(module.game.images)
        due = self._due(module.game.images) or time.monotonic() >= self._next
        if due or best is not None:
            try:
                self.save(trainer, module, numbered=due, best=best)
            except UserError as error:
                if self._refusal is None:
                    _say(f"warning: {error} The run goes on, and tries again.")
                self._refusal, self._next = error, time.monotonic() + min(RETRY_S, self.seconds)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Save the end of the run, with what observers saw when they finished."""
        best = self._new_best(module.game.images)
        self.save(trainer, module, numbered=self._saved_at != module.game.images, best=best)
        if self.best is not None and not self.best.kept:
            meant = did_you_mean(self.best.metric, self.listener.names)
            _say(f"warning: keep_best kept nothing, for {self.best.metric} was not logged. {meant}")

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Save what there is, unless it is the saving that failed."""
        if self._inside:
            path = self.shelf.folder / INTERRUPTED
            checkpoint.save(path, contents(module, trainer.callbacks))  # type: ignore[attr-defined]
            _say(f"Saved {path} in the middle of a step; last.ckpt, if there, is older and exact.")
        elif self._saved_at != module.game.images and exception is not self._refusal:
            self.save(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return which checkpoints are the best, and how far the loggers' table goes."""
        rows = rows_logged(self._trainer) if self._trainer is not None else None
        return {"best": [list(pair) for pair in self.best.kept] if self.best else [], "rows": rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over which checkpoints are the best."""
        if self.best is not None:
            self.best.kept = [(float(value), int(images)) for value, images in state_dict["best"]]

    # Lightning's hooks -----------------------------------------------------------------------------------

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen for signals, on every process."""
        self.ended_by, self._refusal, self._inside = None, None, False
        self.signals.listen()
        connector = getattr(trainer, "_signal_connector", None)
        if connector is not None and connector.received_sigterm:  # before we listened
            self.signals.received, connector.received_sigterm = signal.SIGTERM, False
        super().on_train_start(trainer, pl_module)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Note that weights may be between two updates from here on."""
        self._inside = True

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Step, then end the run if any of its processes was asked to."""
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)
        asked = self.signals.received is not None
        if _several(trainer):
            asked = bool(trainer.strategy.reduce_boolean_decision(asked, all=False))
        if asked:
            self._end(trainer, cast("GANModule", pl_module))

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Finish, and listen no longer."""
        try:
            super().on_train_end(trainer, pl_module)
        except UserError as error:
            self._refusal = error
            raise
        finally:
            self._let_go(trainer)

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Save what can be saved, and listen no longer."""
        try:
            super().on_exception(trainer, pl_module, exception)
        finally:
            self._let_go(trainer)

    # What it does ----------------------------------------------------------------------------------------

    def save(
        self, trainer: pl.Trainer, module: GANModule, numbered: bool = True, best: Kept | None = None
    ) -> None:
        """Write the run, and with it what is the best now.

        Raises:
            UserError: if the disk refuses; then the best is what it was, too.
        """
        before = self.best.kept if self.best is not None else []
        if self.best is not None:
            self.best.kept = before if best is None else best
        try:
            saved = contents(module, trainer.callbacks)  # type: ignore[attr-defined]
            self.shelf.put(saved, numbered, self.best.images if self.best is not None else None)
        except UserError:
            if self.best is not None:
                self.best.kept = before
            raise
        if self._refusal is not None:
            _say(f"The disk takes checkpoints again: saved {self.shelf.last}.")
        self._saved_at, self._refusal = module.game.images, None
        self._next = time.monotonic() + self.seconds

    def _end(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Save, and let Lightning's loop end without anybody finishing; a complete run finishes."""
        try:
            if self.started and self._saved_at != module.game.images:
                self.save(trainer, module)
        except UserError as error:
            self._refusal = error
            raise
        finally:
            if _several(trainer):  # nobody leaves before it is saved: a launcher would kill the others
                trainer.strategy.barrier("preempted")
        if module.game.images >= module.game.total_images:
            return
        trainer.should_stop = True
        if self.started:
            self.ended_by = self.signals.received or signal.SIGTERM  # which another process may have got
            kimg = module.game.images / 1000.0
            _say(f"Saved {self.shelf.last} at {kimg:.1f} kimg. Go on with resume={module.run_dir}")
            callbacks = trainer.callbacks  # type: ignore[attr-defined]
            for observer in (each for each in callbacks if isinstance(each, Observer)):
                observer.pauses = True

    def _new_best(self, images: int) -> Kept | None:
        """Return what is the best from now on, None where nothing was logged that is."""
        return None if self.best is None else self.best.consider(self.listener.take(), images)

    def _let_go(self, trainer: pl.Trainer) -> None:
        self.signals.restore()
        if self.listener in trainer.loggers:
            trainer.loggers.remove(self.listener)


def in_order(given: Iterable[pl.Callback]) -> list[pl.Callback]:
    """Return callbacks as they must stand: what saves after what looks, then the summary, then its report."""
    return sorted(given, key=lambda one: {"checkpoints": 1, "summary": 2, "report": 3}.get(state_key(one), 0))


def _seconds(minutes: float | None) -> float:
    if minutes is None:
        return float("inf")
    if isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or not minutes > 0:
        raise UserError(f"every_minutes={minutes!r}: give a positive number of minutes, or null.")
    return 60.0 * minutes


def _several(trainer: pl.Trainer) -> bool:
    return getattr(trainer, "world_size", 1) > 1


def _say(text: str) -> None:
    tqdm.write(text, file=sys.stderr)
