"""What older versions wrote, in the form of today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan_zoo.checkpoint.content import FORMAT, KEYS, writer
from gan_zoo.errors import UserError
from gan_zoo.version import VERSION

Contents = dict[str, Any]


def _from_1(contents: Contents) -> Contents:
    """Add that nobody knows what observers saw, nor where the run ran."""
    return {**contents, "observers": {}, "environment": {}}


MIGRATIONS: dict[int, Callable[[Contents], Contents]] = {1: _from_1}  # by the format that is read


def migrate(contents: Any, path: Path) -> Contents:
    """Return the contents of a checkpoint in the format of today.

    Raises:
        UserError: if they are not of gan_zoo, of a format that is not known, or not complete.
    """
    if not isinstance(contents, dict) or "format" not in contents:
        raise UserError(f"{path} was not written by gan_zoo: it has no 'format'.")
    written = contents["format"]
    if type(written) is not int or written not in (*MIGRATIONS, FORMAT):  # True is no format, though it is 1
        readable = ", ".join(map(str, (*MIGRATIONS, FORMAT)))
        raise UserError(
            f"{path} has checkpoint format {written!r}; gan_zoo {VERSION} reads {readable}. "
            f"It was written by gan_zoo {writer(contents)}: install that version to read it."
        )
    for older in range(written, FORMAT):
        contents = {**MIGRATIONS[older](contents), "format": older + 1}
    missing = [key for key in KEYS if key not in contents]
    if missing:
        raise UserError(f"{path} is not a complete checkpoint: it lacks {', '.join(missing)}.")
    wrong = [key for key, kind in KEYS.items() if not isinstance(contents[key], kind)]
    if wrong:
        kinds = ", ".join(f"{key} ({type(contents[key]).__name__})" for key in wrong)
        raise UserError(f"{path} is not a checkpoint of gan_zoo: it holds something else as {kinds}.")
    return contents
