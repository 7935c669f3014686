"""The seal of a checkpoint: a SHA-256 of everything before it, in the comment that ends its zip file.

So one file holds both, torch and every other reader of zip files still open it, and no bit can change
unnoticed. torch's own reader does not look at the checksums inside a zip: it loads a flipped bit as a weight.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

import torch

END = b"PK\x05\x06"  # opens a zip's last record
END_SIZE = 22  # bytes of that record, whose last two are the length of the comment behind it
LABEL = b"gan_zoo checkpoint, sha256 of all before: "
DIGITS = 64
CHUNK = 1 << 20
NOT_A_ZIP = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError)


class DamagedError(ValueError):
    """A checkpoint is not what was written; the text says how that shows."""


class SealedFile:
    """What `torch.save` writes to: it passes everything on, and keeps the last record until it is sealed.

    Args:
        file: open for writing, at its beginning.

    Attributes:
        error: what the disk answered, since torch reports only that something went wrong.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file, self._hash, self._held = file, hashlib.sha256(), b""

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes, and pass on all but the last 22."""
        view = memoryview(data).cast("B")
        if len(view) < END_SIZE:
            self._held += bytes(view)
            held, self._held = self._held[:-END_SIZE], self._held[-END_SIZE:]
            self._pass_on(held)
        else:
            self._pass_on(self._held)
            self._pass_on(view[:-END_SIZE])
            self._held = bytes(view[-END_SIZE:])
        return len(view)

    def flush(self) -> None:
        """Do nothing; whoever opened the file flushes it."""

    def seal(self) -> None:
        """Write the last record with the seal as its comment.

        Raises:
            RuntimeError: if what was written is no zip file without a comment.
            OSError: if the disk refuses.
        """
        if not _ends_plainly(self._held):
            raise RuntimeError(
                "torch.save no longer writes a zip file without a comment; it cannot be sealed."
            )
        self._pass_on(self._held[:-2] + struct.pack("<H", len(LABEL) + DIGITS) + LABEL)
        self._file.write(self._hash.hexdigest().encode())

    def _pass_on(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            self.error = error
            raise


def write_sealed(contents: Mapping[str, Any], file: BinaryIO) -> None:
    """Write contents and their seal.

    Raises:
        OSError: if the disk refuses.
    """
    sealed = SealedFile(file)
    try:
        torch.save(dict(contents), cast(BinaryIO, sealed))  # it needs write and flush alone
    except RuntimeError as error:
        if sealed.error is not None:
            raise sealed.error from error
        raise
    sealed.seal()


def check_seal(file: BinaryIO) -> bool:
    """Return whether a file carries a seal; files of format 1 carry none, and are checked as zip files.

    Raises:
        DamagedError: if it is not what was written.
        OSError: if it cannot be read.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END_SIZE - len(LABEL) - DIGITS))
    tail = file.read()
    if _ends_plainly(tail[-END_SIZE:]):
        _check_records(file)
        return False
    if not tail.startswith(END) or tail[END_SIZE:-DIGITS] != LABEL:
        raise DamagedError("it does not end in its checksum")
    if _digest(file, size - DIGITS) != tail[-DIGITS:]:
        raise DamagedError("its content does not match its checksum")
    return True


def _ends_plainly(end: bytes) -> bool:
    return len(end) == END_SIZE and end.startswith(END) and end.endswith(b"\0\0")


def _digest(file: BinaryIO, size: int) -> bytes:
    """Return the hexadecimal digits of the first `size` bytes."""
    file.seek(0)
    found, left = hashlib.sha256(), size
    while left and (data := file.read(min(CHUNK, left))):
        found.update(data)
        left -= len(data)
    return found.hexdigest().encode()


def _check_records(file: BinaryIO) -> None:
    """Check each record of a zip file against its own checksum."""
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except NOT_A_ZIP as error:
        raise DamagedError(f"it is no whole zip file ({error})") from error
    if broken is not None:
        raise DamagedError(f"its record {broken} does not match its checksum")
