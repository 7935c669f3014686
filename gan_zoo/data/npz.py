"""Images and labels in one `.npz` file: keys `images`, `x` or `arr_0`, and `labels` or `y`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_zoo.data.arrays import ArraySource
from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.cache import GIB
from gan_zoo.data.checks import flag
from gan_zoo.data.folder import existing_path
from gan_zoo.data.npy_file import NpyFile, open_array_file, read_member
from gan_zoo.errors import UserError

IMAGE_KEYS = ("images", "x", "arr_0")
LABEL_KEYS = ("labels", "y")


@DATASETS.register("npz")
@dataclass(frozen=True, kw_only=True)
class Npz(ArraySource):
    """Arrays `images` (or `x`, `arr_0`) and `labels` (or `y`) in one `.npz` file.

    Args:
        labels: whether to use the labels.
    """

    labels: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("labels", self.labels)

    def load(self) -> Dataset:
        """Read all images, uint8 `[N, C, H, W]`."""
        path = existing_path("npz", self.path)
        archive = open_array_file(path, self.memory_limit_gb * GIB)
        if isinstance(archive, (np.ndarray, NpyFile)):
            raise UserError(f"data.path={self.path} holds one array. Type data=npy.")
        with archive:
            images = self._first(archive, IMAGE_KEYS)
            labels = self._first(archive, LABEL_KEYS) if self.labels else None
            known = ", ".join(archive.files)
        if images is None:
            raise UserError(
                f"data.path={self.path} has the arrays {known}; one of {', '.join(IMAGE_KEYS)} is needed."
            )
        return self.from_array("npz", path, images, labels)

    def _first(self, archive: np.lib.npyio.NpzFile, keys: tuple[str, ...]) -> np.ndarray | None:
        """Return the first array that is there.

        Raises:
            UserError: if it is damaged, holds pickled objects or is too large.
        """
        key = next((key for key in keys if key in archive.files), None)
        return None if key is None else read_member(archive, key, self.memory_limit_gb * GIB)
