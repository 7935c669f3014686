"""Images and labels in one `.npz` file: keys `images`, `x` or `arr_0`, and `labels` or `y`."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

from gan_zoo.data.arrays import ArraySource, read_array_file
from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import flag
from gan_zoo.data.folder import existing_path
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
        archive = read_array_file(path)
        if isinstance(archive, np.ndarray):
            raise UserError(f"data.path={self.path} holds one array. Type data=npy.")
        with archive:
            images = _first(archive, IMAGE_KEYS)
            labels = _first(archive, LABEL_KEYS) if self.labels else None
            known = ", ".join(archive.files)
        if images is None:
            raise UserError(
                f"data.path={self.path} has the arrays {known}; one of {', '.join(IMAGE_KEYS)} is needed."
            )
        return self.from_array("npz", path, images, labels)


def _first(archive: np.lib.npyio.NpzFile, keys: tuple[str, ...]) -> np.ndarray | None:
    """Return the first array that is there.

    Raises:
        UserError: if it is damaged or holds pickled objects.
    """
    for key in keys:
        if key in archive.files:
            try:
                return archive[key]
            except (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
                raise UserError(f"Cannot read the array '{key}': {error}.") from error
    return None
