"""The newest checkpoint of a run that is good, going back over those that are not."""

from __future__ import annotations

import sys
from pathlib import Path

from gan_zoo.checkpoint.file import load
from gan_zoo.checkpoint.names import BEST, HEALTHY, INTERRUPTED, LAST, NUMBERED, images_in_name
from gan_zoo.errors import UserError


def newest_good(folder: Path) -> Path:
    """Return the checkpoint of most images that can be read as it was written.

    Every checkpoint that is passed over is named on the standard error stream, with the reason.
    `interrupted.ckpt` comes last, since it may have been saved in the middle of a step.

    Args:
        folder: the run's `checkpoints`.

    Raises:
        UserError: if there is none.
    """
    refused: list[str] = []
    for path in candidates(folder):
        try:
            load(path, "meta")  # verifies every bit, and keeps no tensor
        except UserError as error:
            refused.append(str(error))
            continue
        for message in refused:
            _say(f"Passed over: {message}")
        if refused:
            _say(f"Using {path}.")
        if path.name == INTERRUPTED:
            _say(f"{path} may have been saved in the middle of a step: what follows is not exact.")
        return path
    if not refused:
        raise UserError(f"{folder} holds no checkpoint. Give run=DIR of a run that has saved one.")
    others = f" (and {len(refused) - 1} more of {folder} cannot be read either)" if refused[1:] else ""
    raise UserError(f"{refused[0]}{others}")


def candidates(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder in the order in which a run would go on from them.

    `last.ckpt` is the newest, except where a run was killed between writing a numbered one and giving it the
    name `last.ckpt` too. What `guard=rollback` keeps serves a run that was killed before its first regular
    save. What was kept for its score may belong to a past that the run has left.
    """
    last, interrupted = folder / LAST, folder / INTERRUPTED
    numbered = sorted(folder.glob(NUMBERED), key=_count, reverse=True)
    reached = _images(last, numbered)
    newer = [path for path in numbered if reached is not None and _count(path) > reached]
    older = [path for path in numbered if path not in newer]
    healthy, best = (sorted(folder.glob(kind), key=_count, reverse=True) for kind in (HEALTHY, BEST))
    return [path for path in (*newer, last, *older, *healthy, *best, interrupted) if path.is_file()]


def _images(last: Path, numbered: list[Path]) -> int | None:
    """Return the image count of `last.ckpt`, None if it cannot be read."""
    if not last.is_file():
        return None
    if numbered and numbered[0].samefile(last):  # as a save leaves them: one file under two names
        return _count(numbered[0])
    try:
        return int(load(last, "meta")["images"])
    except UserError:
        return None


def _count(path: Path) -> int:
    return images_in_name(path) or 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201
