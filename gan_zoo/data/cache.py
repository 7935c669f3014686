"""Decoded images that are too many for the memory: a memory-mapped file, keyed by what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from gan_zoo.data.base import Samples, fingerprint
from gan_zoo.data.gather import Job, Tally, fill
from gan_zoo.errors import UserError

FORMAT = 1  # raised whenever the pixels of the same file would change
GIB = 2**30


@dataclass(frozen=True)
class Gathered:
    """Decoded images of both splits, the fingerprint of the first, and what was left out."""

    train: Samples
    held_out: Samples
    fingerprint: str
    skipped: tuple[str, ...]


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
    """Decode into memory, `shape` is `[N, C, H, W]`."""
    array = np.empty(shape, dtype=np.uint8)
    tally = fill(job, array)
    return _gathered(torch.from_numpy(array), tally, mapped=False)


def gather_in_file(job: Job, shape: tuple[int, ...], directory: Path, key: str) -> Gathered:
    """Decode into a file in `directory`, or use the one that an earlier run left.

    The file is written aside and then renamed, so an interrupted run leaves nothing that looks complete.

    Raises:
        UserError: if the disk is too full or the directory cannot be written.
    """
    data, facts = directory / f"{key}.uint8", directory / f"{key}.json"
    if not (facts.is_file() and data.is_file() and data.stat().st_size == int(np.prod(shape))):
        _write(job, shape, data, facts)
    known = json.loads(facts.read_text())
    values = torch.from_file(str(data), shared=False, size=int(np.prod(shape)), dtype=torch.uint8).view(shape)
    tally = Tally(known["train"], known["held_out"], known["skipped"])
    return _gathered(values, tally, mapped=True, known_fingerprint=known["fingerprint"])


def _write(job: Job, shape: tuple[int, ...], data: Path, facts: Path) -> None:
    _check_room(data.parent, int(np.prod(shape)))
    aside = data.with_suffix(f".{os.getpid()}.part")
    try:
        array = np.memmap(aside, dtype=np.uint8, mode="w+", shape=shape)
        tally = fill(job, array)
        array.flush()
        digest = _gathered(torch.from_numpy(array), tally, mapped=True).fingerprint
        del array
        aside.replace(data)
        aside.write_text(json.dumps(asdict(tally) | {"fingerprint": digest}))
        aside.replace(facts)
    except OSError as error:
        raise UserError(f"Cannot write the image cache {data}: {error}. Type data.cache_dir=DIR.") from error
    finally:
        aside.unlink(missing_ok=True)


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


def _gathered(values: torch.Tensor, tally: Tally, mapped: bool, known_fingerprint: str = "") -> Gathered:
    labeled = any(label >= 0 for label in tally.train)

    def samples(rows: torch.Tensor, labels: list[int]) -> Samples:
        return Samples(rows, torch.tensor(labels, dtype=torch.int64) if labeled else None, mapped)

    train = samples(values[: len(tally.train)], tally.train)
    held_out = samples(values[len(values) - len(tally.held_out) :], tally.held_out[::-1])
    return Gathered(train, held_out, known_fingerprint or fingerprint(train), tuple(tally.skipped))
