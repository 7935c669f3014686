"""What a data set is once it lies in memory, and where data sets come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.data.watched import WatchedFile
from gan_zoo.registry import Registry
from gan_zoo.types import DataSpec

HASHED_ROWS = 4096  # rows handed to the hash at once, so that a memory-mapped set never lies in memory whole


@dataclass(frozen=True)
class Samples:
    """Samples of one split.

    Attributes:
        values: images, uint8 `[N, C, H, W]` in 0..255, or vectors, float32 `[N, D]` in data units.
        labels: int64 `[N]` on the CPU, or None.
        mapped: whether `values` are read from a memory-mapped file, and so must not be moved as a whole.
        file: that file, to be checked before rows are read.
    """

    values: Tensor
    labels: Tensor | None = None
    mapped: bool = False
    file: WatchedFile | None = None

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Dataset:
    """A data set: what it is, what training sees, and what it never sees.

    The held-out split is a function of the data set alone: its own test split, or a share chosen by a hash
    of each image's content (duplicates fall on the same side), or for drawn data a pool of its own.

    Attributes:
        spec: shape and classes, for networks and checks.
        train: what the loader serves.
        held_out: what floors and alarms use; may be empty for a very small folder.
        fingerprint: SHA-256 of the training values and labels, hexadecimal.
        skipped: names of unreadable files that were left out.
        modes: centers of a mixture `[K, D]` in data units, or None.
        mode_std: standard deviation of each component, or None.
        notes: what the user should know: files left out, copies, classes without images.
    """

    spec: DataSpec
    train: Samples
    held_out: Samples
    fingerprint: str
    skipped: tuple[str, ...] = ()
    modes: Tensor | None = None
    mode_std: float | None = None
    notes: tuple[str, ...] = ()


class DataSource:
    """Where a data set comes from; constructor arguments are the keys of its YAML."""

    def load(self) -> Dataset:
        """Return the data set, whole.

        Raises:
            UserError: when files are missing, unreadable or not what the arguments say.
        """
        raise NotImplementedError


def fingerprint(samples: Samples) -> str:
    """Return the SHA-256 of values, then labels, as hexadecimal digits."""
    digest = hashlib.sha256()
    for rows in torch.split(samples.values, HASHED_ROWS):
        digest.update(rows.contiguous().numpy().data)
    if samples.labels is not None:
        digest.update(samples.labels.contiguous().numpy().data)
    return digest.hexdigest()


DATASETS: Registry[DataSource] = Registry("data set")
