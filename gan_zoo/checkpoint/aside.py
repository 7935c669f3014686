"""Files that are there as a whole or not at all: written aside, forced to the disk, renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def write_aside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, force it to the disk, and only then give it the name `path`.

    Whoever opens `path` therefore finds the old file or the new one, and never a part of one, even after a
    loss of power.

    Raises:
        OSError: if the disk refuses; `path` is then what it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file aside and rename it."""
    write_aside(path, lambda file: file.write(content))


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can; elsewhere a rename does it."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed in the middle of a write have left aside in a folder.

    Raises:
        OSError: if the disk refuses.
    """
    for pattern in (".*.part", ".*.link"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def also_as(path: Path, name: Path) -> None:
    """Give a finished file a second name at once; a copy where the disk knows no links.

    Raises:
        OSError: if the disk refuses; `name` is then what it was.
    """
    aside = name.with_name(f".{name.name}.{os.getpid()}.link")
    aside.unlink(missing_ok=True)
    try:
        os.link(path, aside)
        aside.replace(name)
        sync_folder(name.parent)
    except OSError:
        with path.open("rb") as source:
            write_aside(name, lambda file: shutil.copyfileobj(source, file))
    finally:
        aside.unlink(missing_ok=True)
