"""Decoded images that are too many for the memory: a memory-mapped file, keyed by what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gan_zoo.data.base import Samples, fingerprint
from gan_zoo.data.gather import Job, Tally, fill
from gan_zoo.data.watched import WatchedFile
from gan_zoo.errors import UserError

FORMAT = 2  # raised whenever the pixels of the same file would change
GIB = 2**30
ZEROS = 2**24  # bytes written at once


@dataclass(frozen=True)
class Gathered:
    """Decoded images of both splits, the fingerprint of the first, and what was left out."""

    train: Samples
    held_out: Samples
    fingerprint: str
    skipped: tuple[str, ...]
    notes: tuple[str, ...]


def cache_key(listing: Iterable[object], job: Job) -> str:
    """Return a name for what decoding would give.

    Args:
        listing: names, sizes and modification times of the files.
        job: rules and labels.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((FORMAT, asdict(job.rules), job.held_out, job.skips)).encode())
    for entry in (*listing, *job.items):
        digest.update(repr(entry).encode())
    return digest.hexdigest()


def gather_in_memory(job: Job, shape: tuple[int, ...]) -> Gathered:
    """Decode into memory, `shape` is `[N, C, H, W]`.

    Raises:
        UserError: if there is not enough.
    """
    try:
        array = np.empty(shape, dtype=np.uint8)
    except MemoryError as error:
        size = f"{np.prod(shape, dtype=float) / GIB:.1f} GiB"
        raise UserError(
            f"The decoded images need {size} of memory. Type a smaller data.memory_limit_gb to keep them in "
            f"a file, or a smaller data.size."
        ) from error
    tally = fill(job, array)
    return _gathered(torch.from_numpy(array), tally, None)


def gather_in_file(job: Job, shape: tuple[int, ...], directory: Path, key: str) -> Gathered:
    """Decode into a file in `directory`, or use the one that an earlier run left.

    The file is written aside and then renamed, so an interrupted run leaves nothing that looks complete. One
    that was changed since is made anew.

    Raises:
        UserError: if the disk is too full or the directory cannot be written.
    """
    data, facts = directory / f"{key}.uint8", directory / f"{key}.json"
    known = _known(data, facts, int(np.prod(shape)))
    if known is None:
        _write(job, shape, data, facts)
        known = json.loads(facts.read_text())
    tally = Tally(*(known[name] for name in ("train", "held_out", "skipped", "notes")))
    file = WatchedFile(data)
    values = torch.from_file(str(data), shared=False, size=int(np.prod(shape)), dtype=torch.uint8).view(shape)
    file.check()
    return _gathered(values, tally, file, known["fingerprint"])


def _known(data: Path, facts: Path, size: int) -> dict[str, Any] | None:
    """Return what is known of a cache file, or None if it is not what was written."""
    try:
        known = json.loads(facts.read_text())
        status = data.stat()
        same = known["bytes"] == status.st_size == size and known["modified_ns"] == status.st_mtime_ns
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known if same else None


def _write(job: Job, shape: tuple[int, ...], data: Path, facts: Path) -> None:
    _check_room(data.parent, int(np.prod(shape)))
    aside = data.with_suffix(f".{os.getpid()}.part")
    try:
        _reserve(aside, int(np.prod(shape)))
        array = np.memmap(aside, dtype=np.uint8, mode="r+", shape=shape)
        tally = fill(job, array)
        array.flush()
        digest = _gathered(torch.from_numpy(array), tally, None).fingerprint
        del array
        identity = {"bytes": aside.stat().st_size, "modified_ns": aside.stat().st_mtime_ns}
        aside.replace(data)
        aside.write_text(json.dumps(asdict(tally) | {"fingerprint": digest} | identity))
        aside.replace(facts)
    except OSError as error:
        raise UserError(f"Cannot write the image cache {data}: {error}. Type data.cache_dir=DIR.") from error
    finally:
        aside.unlink(missing_ok=True)


def _reserve(path: Path, size: int) -> None:
    """Make a file of `size` bytes whose place on the disk is taken.

    Where a mapped file has holes, a disk that fills up meanwhile kills the process (SIGBUS).

    Raises:
        OSError: if the disk is full.
    """
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
            return
        for start in range(0, size, ZEROS):
            file.write(bytes(min(ZEROS, size - start)))


def _check_room(directory: Path, needed: int) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(directory).free
    except OSError as error:
        raise UserError(
            f"Cannot use the cache directory {directory}: {error}. Type data.cache_dir=DIR."
        ) from error
    if free < needed * 1.05:
        sizes = f"{needed / GIB:.1f} GiB, and {directory} has {free / GIB:.1f} GiB free"
        raise UserError(f"The decoded images need {sizes}. Type data.cache_dir=DIR or a smaller data.size.")


def _gathered(
    values: torch.Tensor, tally: Tally, file: WatchedFile | None, known_fingerprint: str = ""
) -> Gathered:
    labeled = any(label >= 0 for label in tally.train)

    def samples(rows: torch.Tensor, labels: list[int]) -> Samples:
        numbers = torch.tensor(labels, dtype=torch.int64) if labeled else None
        return Samples(rows, numbers, file is not None, file)

    train = samples(values[: len(tally.train)], tally.train)
    held_out = samples(values[len(values) - len(tally.held_out) :], tally.held_out[::-1])
    known = known_fingerprint or fingerprint(train)
    return Gathered(train, held_out, known, tuple(tally.skipped), tuple(tally.notes))
