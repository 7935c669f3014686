"""One array in a `.npy` file, read row by row and never by running code."""

from __future__ import annotations

import math
import os
import tokenize
import weakref
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from gan_zoo.errors import UserError

BROKEN = (
    OSError, ValueError, EOFError, TypeError, KeyError, SyntaxError, MemoryError, OverflowError,
    RecursionError, NotImplementedError, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip  # what numpy raises at files that are damaged, foreign or too large


ZIP = b"PK\x03\x04"


class NpyFile:
    """Rows of an array in C order, read when they are asked for.

    A mapped file that shrinks kills the process that reads it (SIGBUS); here it gives an error.

    Attributes:
        shape: of the array, at least one axis.
        dtype: numbers.

    Args:
        path: the file.
        offset: bytes before the first row.
        shape: of the array.
        dtype: of its numbers.
    """

    def __init__(self, path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype
        self._offset, self._row = offset, math.prod(shape[1:]) * dtype.itemsize
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Read rows that follow each other; from several threads at once.

        Raises:
            UserError: if the file has shrunk.
        """
        start, stop, _ = rows.indices(len(self))
        content, wanted = bytearray(), (stop - start) * self._row
        while len(content) < wanted:
            at = self._offset + start * self._row + len(content)
            part = os.pread(self._descriptor, wanted - len(content), at)
            if not part:
                raise UserError(
                    f"{self.path} has shrunk while it was read: rows {start} to {stop - 1} of {len(self)} "
                    f"are missing. Start again when it is complete."
                )
            content += part
        return np.frombuffer(content, self.dtype).reshape(stop - start, *self.shape[1:])


def open_array_file(path: Path, byte_limit: float) -> NpyFile | np.ndarray | np.lib.npyio.NpzFile:
    """Open an array file; one array, or several in a `.npz`.

    Args:
        path: the file.
        byte_limit: an array that cannot be read by rows may be no larger.

    Raises:
        UserError: for damaged files and pickled objects.
    """
    if not path.is_file():
        raise UserError(f"{path} is no regular file. Give a .npy or .npz file.")
    try:
        with path.open("rb") as file:
            if file.read(len(ZIP)) == ZIP:
                return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
            file.seek(0)
            shape, fortran, dtype = _header(file)
            offset, size = file.tell(), math.prod(shape) * dtype.itemsize
        there = path.stat().st_size - offset
        if there < size:
            raise ValueError(f"it is cut off: {there} of {size} bytes are there")
        if shape and not fortran:
            return NpyFile(path, offset, shape, dtype)
        refuse_large(f"{path}, in Fortran order,", size, byte_limit)
        return np.asarray(np.load(path, allow_pickle=False))
    except BROKEN as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"Cannot read {path}: {error}. Arrays of numbers, without pickled objects, are read."
        ) from error


def read_member(archive: np.lib.npyio.NpzFile, key: str, byte_limit: float) -> np.ndarray:
    """Read one array of a `.npz` file, after a look at what it claims to be.

    Raises:
        UserError: if it is damaged, holds pickled objects or is too large.
    """
    try:
        with archive.zip.open(f"{key}.npy") as file:  # type: ignore[union-attr]
            shape, _, dtype = _header(file)
        refuse_large(f"The array '{key}'", math.prod(shape) * dtype.itemsize, byte_limit)
        return np.asarray(archive[key])
    except BROKEN as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"Cannot read the array '{key}': {error}.") from error


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read what an array claims to be: shape, whether in Fortran order, type.

    Raises:
        ValueError: for anything but plain numbers, and impossible shapes.
    """
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read:
        raise ValueError("it holds no plain numbers")
    shape, fortran, dtype = read[version](file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which could run foreign code")
    if any(isinstance(side, bool) or side < 0 for side in shape):
        raise ValueError(f"its shape {shape} is impossible")
    return shape, fortran and len(shape) > 1, dtype


def refuse_large(name: str, size: int, byte_limit: float) -> None:
    """Refuse what must be read as a whole and is too large for that.

    Raises:
        UserError: above the limit.
    """
    if size > byte_limit:
        raise UserError(
            f"{name} would take {size / 2**30:.2f} GiB, above data.memory_limit_gb={byte_limit / 2**30:g}. "
            f"Save it with numpy.save as a .npy file in C order, which is read by rows, or type a larger "
            f"data.memory_limit_gb."
        )
