"""Writes checkpoints: `last.ckpt`, complete at every instant, and a few numbered ones."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl

from gan_zoo import checkpoint
from gan_zoo.callbacks.observer import Every, Interval, Observer, as_images, checked
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

NUMBERED = "*kimg.ckpt"


class Checkpoints(Observer):
    """Saves the run five times and at its end.

    An exception inside a batch may leave a player between two updates, so what is saved then goes to
    `interrupted.ckpt`, and `last.ckpt` stays what it was.

    Args:
        every_kimg: between two checkpoints; `auto` saves five times per run.
        keep_last: how many numbered checkpoints stay beside `last.ckpt`.

    Raises:
        UserError: if `every_kimg` or `keep_last` is out of range.
    """

    def __init__(self, every_kimg: Interval = "auto", keep_last: int = 2) -> None:
        if isinstance(keep_last, bool) or not isinstance(keep_last, int) or keep_last < 0:
            raise UserError(f"keep_last={keep_last!r}: give a whole number, 0 for last.ckpt alone.")
        self.every_kimg, self.keep_last = checked(every_kimg), keep_last
        self._inside = False

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Begin to count."""
        images = module.game.images
        self._due = Every(as_images(self.every_kimg, module.game.total_images, 5), images)
        self._saved_at: int | None = None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Note that weights may be between two updates from here on."""
        self._inside = True

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Save when an interval was crossed."""
        self._inside = False
        if self._due(module.game.images):
            self.save(module)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Save the end of the run, unless that was just done."""
        if self._saved_at != module.game.images:
            self.save(module)

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Save what there is."""
        if self._inside:
            path = module.run_dir / "checkpoints" / "interrupted.ckpt"
            checkpoint.save(path, contents(module))
            note = f"Saved {path} in the middle of a step; last.ckpt, if there, is older and exact."
            print(note, file=sys.stderr)  # noqa: T201
        elif self._saved_at != module.game.images:
            self.save(module)

    def save(self, module: GANModule) -> None:
        """Write a numbered checkpoint, give it the name `last.ckpt` too, and remove the oldest numbered ones.

        Raises:
            UserError: if the disk refuses.
        """
        folder = module.run_dir / "checkpoints"
        last = folder / "last.ckpt"
        numbered = folder / f"{image_name(module.game.images)}.ckpt"
        try:
            checkpoint.save(numbered if self.keep_last else last, contents(module))
            if self.keep_last:
                _also_as(numbered, last)
        except OSError as error:
            raise UserError(
                f"Cannot write a checkpoint to {folder}: {error.strerror or error}. What last.ckpt held "
                f"before is untouched. Free some space or give another place with hydra.run.dir=..."
            ) from error
        self._saved_at = module.game.images
        for old in sorted(folder.glob(NUMBERED))[: -self.keep_last or None]:
            old.unlink()


def image_name(images: int) -> str:
    """Return a file name that sorts by images, such as `000012.500kimg`."""
    return f"{images // 1000:06d}.{images % 1000:03d}kimg"


def contents(module: GANModule) -> dict[str, Any]:
    """Return all that a checkpoint holds."""
    return {
        "format": checkpoint.FORMAT,
        "config": module.config,
        "spec": checkpoint.plain_spec(module.game.spec),
        "fingerprint": module.dataset.fingerprint,
        "versions": checkpoint.versions(),
        "images": module.game.images,
        "game": module.game.state_dict(),
    }


def _also_as(path: Path, name: Path) -> None:
    """Give a finished file a second name at once; a copy where the disk knows no links."""
    aside = name.with_name(f".{name.name}.{os.getpid()}.link")
    aside.unlink(missing_ok=True)
    try:
        os.link(path, aside)
        aside.replace(name)
    except OSError:
        with path.open("rb") as source:
            checkpoint.write_aside(name, lambda file: shutil.copyfileobj(source, file))
    finally:
        aside.unlink(missing_ok=True)
