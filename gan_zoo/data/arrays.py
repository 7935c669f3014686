"""Images that come as one array: which axis is which, and which numbers are which brightness.

- Axes: `[N, H, W]` is grey; `[N, H, W, C]` and `[N, C, H, W]` have C of 1, 3 or 4 (with transparency). Where
  both could be meant, `layout` must say which.
- uint8 is taken as it is. Floats must lie in `value_range`, which becomes 0..255. Other types are refused.
- Labels are whole numbers from 0, one per image; the largest says how many classes there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from gan_zoo.data.base import Dataset
from gan_zoo.data.checks import choice
from gan_zoo.data.gather import Item
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.listing import printable
from gan_zoo.data.npy_file import NpyFile
from gan_zoo.errors import UserError

LAYOUTS = ("auto", "nhw", "nhwc", "nchw")
CHANNELS = (1, 3, 4)
MOST_CLASSES = 100_000  # a larger label is a mistake; one name is kept for each class
ROWS_AT_ONCE = 256

Rows = np.ndarray | NpyFile


@dataclass(frozen=True, kw_only=True)
class ArraySource(ImageSource):
    """A source whose images are rows of one array.

    Args:
        path: the file.
        layout: `auto`, `nhw`, `nhwc` or `nchw`.
        value_range: `[darkest, brightest]` of floating-point arrays.
    """

    path: str | None = None
    layout: str = "auto"
    value_range: Sequence[float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        choice("layout", self.layout, LAYOUTS)
        if len(self.value_range) != 2 or not self.value_range[0] < self.value_range[1]:
            raise UserError(f"data.value_range={self.value_range}: two rising numbers, such as [-1,1].")

    def from_array(self, name: str, path: Path, rows: Rows, labels: Rows | None) -> Dataset:
        """Turn an array and its labels into a data set.

        Raises:
            UserError: for an array that is not images, or labels that do not fit.
        """
        layout = checked_layout(rows, self.layout)
        low, high = map(float, self.value_range)
        if rows.dtype != np.uint8:
            _check_range(rows, low, high)
        numbers, classes = read_labels(labels, len(rows))

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            row = np.ascontiguousarray(channels_last(rows[index : index + 1], layout)[0])
            levels = (
                row
                if row.dtype == np.uint8
                else ((row - low) * (255.0 / (high - low))).round().astype(np.uint8)
            )
            return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels), row.tobytes()

        items = [Item(f"{printable(path.name)}[{index}]", label) for index, label in enumerate(numbers)]
        status = path.stat()
        listing = (str(path.resolve()), status.st_size, status.st_mtime_ns, self.layout, (low, high))
        return self.gathered(name, items, open_item, [str(index) for index in range(classes)], listing)


def checked_layout(rows: Rows, layout: str) -> str:
    """Return which axis is which: `nhw`, `nhwc` or `nchw`.

    Raises:
        UserError: for other types than images have, an empty array, or axes that cannot be told apart.
    """
    shape = list(rows.shape)
    if rows.dtype != np.uint8 and not np.issubdtype(rows.dtype, np.floating):
        raise UserError(f"Images of type {rows.dtype} are not read; save them as uint8 (0..255) or float.")
    if min(shape, default=1) < 1:
        raise UserError(f"The array of shape {shape} holds no images.")
    if layout == "auto":
        layout = _layout(shape)
    axes = {"nhw": 3, "nhwc": 4, "nchw": 4}[layout]
    if len(shape) != axes:
        raise UserError(f"data.layout={layout} needs {axes} axes, the array has shape {shape}.")
    channels = {"nhw": 1, "nhwc": shape[-1], "nchw": shape[1]}[layout]
    if channels not in CHANNELS:
        raise UserError(f"data.layout={layout} makes {channels} channels of shape {shape}; allowed: 1, 3, 4.")
    return layout


def channels_last(images: np.ndarray, layout: str) -> np.ndarray:
    """Return a view `[N, H, W, C]` of images in a known layout."""
    if layout == "nhw":
        return images[..., None]
    return images if layout == "nhwc" else images.transpose(0, 2, 3, 1)


def _layout(shape: list[int]) -> str:
    if len(shape) == 3:
        return "nhw"
    last, first = len(shape) == 4 and shape[3] in CHANNELS, len(shape) == 4 and shape[1] in CHANNELS
    if last == first:
        reason = "could be [N, H, W, C] or [N, C, H, W]; type data.layout=nhwc or nchw"
        shapes = "is not images: [N, H, W], [N, H, W, C] or [N, C, H, W] with C of 1, 3 or 4 is needed"
        raise UserError(f"The array of shape {shape} {reason if last else shapes}.")
    return "nhwc" if last else "nchw"


def _check_range(rows: Rows, low: float, high: float) -> None:
    darkest, brightest = np.inf, -np.inf
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        darkest, brightest = np.minimum(darkest, part.min()), np.maximum(brightest, part.max())  # keep NaN
    if not (low <= darkest and brightest <= high):
        found = f"The images lie in [{darkest:g}, {brightest:g}], outside data.value_range=[{low:g},{high:g}]"
        raise UserError(f"{found}. Type data.value_range=[darkest,brightest].")


def read_labels(labels: Rows | None, images: int) -> tuple[list[int], int]:
    """Return one label per image and the number of classes: 0 (and labels -1) without or with one class only.

    Raises:
        UserError: for labels that do not fit.
    """
    if labels is None:
        return [-1] * images, 0
    given = f"{labels.dtype} of shape {list(labels.shape)}"
    if labels.shape != (images,) or not np.issubdtype(labels.dtype, np.integer):
        raise UserError(f"Labels must be whole numbers from 0, one for each of {images} images; got {given}.")
    values = labels[0:images]
    least, largest = int(values.min()), int(values.max())
    if least < 0 or largest >= MOST_CLASSES:
        raise UserError(
            f"Labels must be whole numbers from 0 to {MOST_CLASSES - 1}, one for each of {images} images; "
            f"got {least} to {largest}. numpy.unique(labels, return_inverse=True)[1] numbers classes from 0."
        )
    return (values.tolist(), largest + 1) if largest > 0 else ([-1] * images, 0)
