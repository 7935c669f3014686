"""The folder of a run's checkpoints: which files stand in it, under which names, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl

from gan_zoo import checkpoint
from gan_zoo.callbacks.observer import by_state_key
from gan_zoo.checkpoint import BEST, LAST, NUMBERED, best_name, image_name, images_in_name
from gan_zoo.errors import UserError
from gan_zoo.version import versions

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


class Shelf:
    """Checkpoints of one run: `last.ckpt`, the newest numbered ones, and those at which a metric was best.

    One file may have several names. A disk that refuses leaves what is there as it is.

    Args:
        folder: where they stand.
        keep_last: how many numbered ones stay.
    """

    def __init__(self, folder: Path, keep_last: int) -> None:
        self.folder, self.keep_last = folder, keep_last

    @property
    def last(self) -> Path:
        """The newest one."""
        return self.folder / LAST

    def open(self, images: int) -> None:
        """Make sure that the folder can be written to, and tidy up what killed processes left in it.

        Args:
            images: where the run begins or goes on; numbered checkpoints from later were found damaged, and
                get another name, lest they be taken for the newest ones.

        Raises:
            UserError: if the disk refuses.
        """
        try:
            checkpoint.write_bytes(self.folder / ".writable", b"")
            (self.folder / ".writable").unlink()
            checkpoint.remove_leftovers(self.folder)
            for path in self.folder.glob(NUMBERED):
                if _count(path) > images:
                    path.replace(path.with_name(f"{path.name}.damaged"))
        except OSError as error:
            raise self._refused(error) from error

    def put(self, contents: Mapping[str, Any], numbered: bool, best: Collection[int] | None) -> None:
        """Write contents under all names that they get now, and remove what others have overtaken.

        Args:
            contents: of the checkpoint.
            numbered: whether it gets a numbered name, too.
            best: the image counts that are kept for their score; None leaves those files alone.

        Raises:
            UserError: if the disk refuses.
        """
        images = contents["images"]
        names = [f"{image_name(images)}.ckpt"] if numbered and self.keep_last else []
        names += [best_name(images)] if best and images in best else []
        first, *others = [self.folder / name for name in (*names, LAST)]
        try:
            checkpoint.save(first, contents)
            for path in others:
                checkpoint.also_as(first, path)
        except OSError as error:
            raise self._refused(error) from error
        with suppress(OSError):  # what is too old does no harm
            self._prune(images, best)

    def _prune(self, images: int, best: Collection[int] | None) -> None:
        """Remove what is too old; what is newer than `images` is of a past that the run will reach again."""
        known = sorted(path for path in self.folder.glob(NUMBERED) if _count(path) <= images)
        for path in known[: -self.keep_last or None]:
            path.unlink()
        for path in self.folder.glob(BEST) if best is not None else ():
            if _count(path) <= images and _count(path) not in best:  # type: ignore[operator]
                path.unlink()

    def _refused(self, error: OSError) -> UserError:
        return UserError(
            f"Cannot write a checkpoint to {self.folder}: {error.strerror or error}. What was saved before "
            f"is untouched. Free some space, or give another place with run_dir=..."
        )


def contents(module: GANModule, observers: Iterable[pl.Callback] = ()) -> dict[str, Any]:
    """Return all that a checkpoint holds.

    Args:
        module: the run.
        observers: its callbacks; what each knows is kept by its name.
    """
    return {
        "format": checkpoint.FORMAT,
        "config": module.config,
        "spec": checkpoint.plain_spec(module.game.spec),
        "fingerprint": module.dataset.fingerprint,
        "versions": versions(),
        "images": module.game.images,
        "game": module.game.state_dict(),
        "observers": {name: each.state_dict() for name, each in by_state_key(observers).items()},
        "environment": checkpoint.environment(module.device),
    }


def _count(path: Path) -> int:
    return images_in_name(path) or 0
