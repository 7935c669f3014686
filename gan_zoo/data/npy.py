"""Images in a `.npy` file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_zoo.data.arrays import ArraySource, Rows
from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.cache import GIB
from gan_zoo.data.folder import existing_path
from gan_zoo.data.npy_file import NpyFile, open_array_file
from gan_zoo.errors import UserError


@DATASETS.register("npy")
@dataclass(frozen=True, kw_only=True)
class Npy(ArraySource):
    """One `.npy` array of images, with labels in a second file if there are any.

    Args:
        labels_path: a `.npy` array of whole numbers, one per image, or null.
    """

    labels_path: str | None = None

    def load(self) -> Dataset:
        """Read all images, uint8 `[N, C, H, W]`."""
        path = existing_path("npy", self.path)
        array = open_array_file(path, self.memory_limit_gb * GIB)
        if not isinstance(array, (np.ndarray, NpyFile)):
            raise UserError(f"data.path={self.path} holds several arrays. Type data=npz.")
        return self.from_array("npy", path, array, self._labels())

    def _labels(self) -> Rows | None:
        if self.labels_path is None:
            return None
        labels = open_array_file(existing_path("npy", self.labels_path), self.memory_limit_gb * GIB)
        if not isinstance(labels, (np.ndarray, NpyFile)):
            raise UserError(f"data.labels_path={self.labels_path} must be one .npy array.")
        return labels
