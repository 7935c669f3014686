"""Saving a checkpoint, and loading it without running anything that it might hold."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from gan_zoo.checkpoint.aside import write_aside
from gan_zoo.checkpoint.content import not_plain
from gan_zoo.checkpoint.migrations import migrate
from gan_zoo.checkpoint.seal import DamagedError, check_seal, write_sealed
from gan_zoo.errors import UserError

ZIP_MAGIC = b"PK\x03\x04"
UNSEALED = (1,)  # formats that had no seal
FOREIGN = (RuntimeError, EOFError, LookupError, AttributeError, TypeError, ValueError, ArithmeticError)


def save(path: Path, contents: Mapping[str, Any]) -> None:
    """Write a checkpoint aside, seal it, then rename it.

    Raises:
        TypeError: if `contents` holds anything but tensors, numbers, texts and plain containers.
        OSError: if the disk refuses; `path` is then what it was.
    """
    foreign = list(not_plain(dict(contents)))
    if foreign:
        raise TypeError(f"A checkpoint holds plain data only, but got {', '.join(foreign[:5])}.")
    write_aside(path, lambda file: write_sealed(contents, file))


def load(path: Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Read a checkpoint, in the format of today whatever version wrote it.

    Args:
        path: of the file.
        device: where the tensors go; `meta` reads none, but checks all.

    Raises:
        UserError: if the file is missing, damaged, from elsewhere, of another format, or more than data.
    """
    if not path.is_file():
        raise UserError(f"There is no checkpoint {path}. Give run=DIR, or a file in DIR/checkpoints.")
    try:
        with path.open("rb") as file:  # one file to the end, though another may get its name meanwhile
            sealed, contents = _read(path, file, device)
    except DamagedError as error:
        raise UserError(_damaged(path, str(error))) from error
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path} was refused: it holds more than tensors and plain data, and loading that could run "
            f"foreign code. gan_zoo never writes such files; get the checkpoint from whoever trained it."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    migrated = migrate(contents, path)
    if not sealed and contents["format"] not in UNSEALED:
        raise UserError(_damaged(path, "it has lost its checksum"))
    return migrated


def _read(path: Path, file: BinaryIO, device: str | torch.device) -> tuple[bool, Any]:
    """Return whether the file is sealed, and what it holds; nothing reaches torch before it is verified."""
    if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:  # torch's reader for old files would unpickle anything
        raise UserError(f"{path} is not a checkpoint: {path.stat().st_size} bytes of something else.")
    sealed = check_seal(file)
    file.seek(0)
    try:
        return sealed, torch.load(file, map_location=device, weights_only=True)
    except FOREIGN as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedError(f"torch cannot read it ({why})") from error


def _damaged(path: Path, why: str) -> str:
    return (
        f"{path} is damaged or truncated ({path.stat().st_size} bytes): {why}. Copy it again, or give "
        f"another checkpoint of the run, such as one of {path.parent}/*.ckpt."
    )
