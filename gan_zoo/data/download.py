"""Data sets that torchvision downloads: one place for what can go wrong."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gan_zoo.errors import UserError

T = TypeVar("T")
BROKEN = (
    OSError, RuntimeError, ImportError, ValueError, EOFError, AssertionError, KeyError, IndexError, TypeError,
    pickle.UnpicklingError,
)  # fmt: skip  # what torchvision raises at files that are missing, damaged or foreign


def fetched(name: str, root: str, download: bool, make: Callable[[str, bool], T]) -> T:
    """Build a torchvision data set, downloading only what is missing, and only if allowed.

    Args:
        name: of the data set, for messages.
        root: folder that holds torchvision's own folder of the data set.
        download: whether to fetch missing files.
        make: (root, download) to the data set.

    Raises:
        UserError: if files are missing and cannot be downloaded.
    """
    folder = Path(root).expanduser()
    existed = folder.exists()
    try:
        return make(str(folder), download)
    except BROKEN as error:
        if not existed:
            _remove_empty(folder)
        tried = "could not be downloaded" if download else "is not there or damaged"
        advice = f"type data.root=FOLDER where torchvision's files of {name} lie"
        if not download:
            advice += ", or data.download=true"
        message = f"data={name}: the data set {tried} (data.root={root}): {error or type(error).__name__}"
        raise UserError(f"{message.rstrip('.')}. With a network try again; without one {advice}.") from error


def _remove_empty(folder: Path) -> None:
    """Remove the empty folders that a failed download left."""
    for path, _, _ in os.walk(folder, topdown=False):
        if not any(Path(path).iterdir()):
            Path(path).rmdir()
