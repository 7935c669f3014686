"""Images that come as one array: which axis is which, and which numbers are which brightness.

- Axes: `[N, H, W]` is grey; `[N, H, W, C]` and `[N, C, H, W]` have C of 1, 3 or 4 (with transparency). Where
  both could be meant, `layout` must say which.
- uint8 is taken as it is. Floats must lie in `value_range`, which becomes 0..255. Other types are refused.
- Labels are whole numbers from 0, one per image.
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
from gan_zoo.errors import UserError

LAYOUTS = ("auto", "nhw", "nhwc", "nchw")
CHANNELS = (1, 3, 4)


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

    def from_array(self, name: str, path: Path, array: np.ndarray, labels: np.ndarray | None) -> Dataset:
        """Turn an array and its labels into a data set.

        Raises:
            UserError: for an array that is not images, or labels that do not fit.
        """
        images = channels_last(array, self.layout)
        classes = _class_count(labels, len(images))
        low, high = map(float, self.value_range)
        if images.dtype != np.uint8:
            _check_range(images, low, high)

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            row = np.ascontiguousarray(images[index])
            levels = (
                row
                if row.dtype == np.uint8
                else ((row - low) * (255.0 / (high - low))).round().astype(np.uint8)
            )
            return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels), row.tobytes()

        numbers = [-1] * len(images) if labels is None or not classes else labels.tolist()
        items = [Item(f"{path.name}[{index}]", label) for index, label in enumerate(numbers)]
        status = path.stat()
        listing = (str(path.resolve()), status.st_size, status.st_mtime_ns, self.layout, (low, high))
        return self.gathered(name, items, open_item, [str(index) for index in range(classes)], listing)


def channels_last(array: np.ndarray, layout: str) -> np.ndarray:
    """Return a view `[N, H, W, C]` of an array of images.

    Raises:
        UserError: for other types, an empty array, or axes that cannot be told apart.
    """
    shape = list(array.shape)
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise UserError(f"Images of type {array.dtype} are not read; save them as uint8 (0..255) or float.")
    if not array.size:
        raise UserError(f"The array of shape {shape} holds no images.")
    if layout == "auto":
        layout = _layout(shape)
    axes = {"nhw": 3, "nhwc": 4, "nchw": 4}[layout]
    if array.ndim != axes:
        raise UserError(f"data.layout={layout} needs {axes} axes, the array has shape {shape}.")
    views = {
        "nhw": lambda: array[..., None],
        "nhwc": lambda: array,
        "nchw": lambda: array.transpose(0, 2, 3, 1),
    }
    view = views[layout]()
    if view.shape[-1] not in CHANNELS:
        raise UserError(
            f"data.layout={layout} makes {view.shape[-1]} channels of shape {shape}; allowed: 1, 3, 4."
        )
    return view


def _layout(shape: list[int]) -> str:
    if len(shape) == 3:
        return "nhw"
    last, first = len(shape) == 4 and shape[3] in CHANNELS, len(shape) == 4 and shape[1] in CHANNELS
    if last == first:
        reason = "could be [N, H, W, C] or [N, C, H, W]; type data.layout=nhwc or nchw"
        shapes = "is not images: [N, H, W], [N, H, W, C] or [N, C, H, W] with C of 1, 3 or 4 is needed"
        raise UserError(f"The array of shape {shape} {reason if last else shapes}.")
    return "nhwc" if last else "nchw"


def _check_range(images: np.ndarray, low: float, high: float) -> None:
    darkest, brightest = float(images.min()), float(images.max())
    if not (low <= darkest and brightest <= high):  # also refuses NaN
        found = f"The images lie in [{darkest:g}, {brightest:g}], outside data.value_range=[{low:g},{high:g}]"
        raise UserError(f"{found}. Type data.value_range=[darkest,brightest].")


def _class_count(labels: np.ndarray | None, images: int) -> int:
    """Return the number of classes, 0 without labels or with one class only."""
    if labels is None:
        return 0
    if labels.shape != (images,) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        given = f"{labels.dtype} of shape {list(labels.shape)}"
        raise UserError(f"Labels must be whole numbers from 0, one for each of {images} images; got {given}.")
    return int(labels.max()) + 1 if labels.max() > 0 else 0


def read_array_file(path: Path) -> np.ndarray | np.lib.npyio.NpzFile:
    """Open an array file, never running code from it.

    Raises:
        UserError: for damaged files and pickled objects.
    """
    try:
        return np.load(path, mmap_mode="r" if path.suffix == ".npy" else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(
            f"Cannot read {path}: {error}. Arrays of numbers, without pickled objects, are read."
        ) from error
