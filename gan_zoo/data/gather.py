"""Many images into one uint8 array, decoded once by a pool of threads, in memory or in a cache file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image
from tqdm import tqdm

from gan_zoo.data.copies import copy_notes, pixel_number
from gan_zoo.data.pictures import DECODER_ERRORS, ImageRules, UnreadableImageError, reason, to_pixels
from gan_zoo.data.splits import is_held_out
from gan_zoo.errors import UserError

ON_ERROR = ("stop", "skip")
CHUNK = 512  # images on their way at once
THREADS = 8  # at most


@dataclass(frozen=True)
class Item:
    """One image before it is read.

    Attributes:
        name: shown in messages.
        label: its class, or -1.
        held_out: its split, or None where a hash of its content decides.
    """

    name: str
    label: int = -1
    held_out: bool | None = None


@dataclass(frozen=True)
class Job:
    """What to read, and how.

    Attributes:
        items: all images, in order.
        open_item: index to (image, content); the content is hashed. Called from several threads.
        rules: form of the pixels.
        held_out: share that is held out where the content decides.
        skips: whether unreadable images are left out instead of refused.
    """

    items: Sequence[Item]
    open_item: Callable[[int], tuple[Image.Image, bytes]]
    rules: ImageRules
    held_out: float
    skips: bool


@dataclass
class Tally:
    """Where each image went: training images fill the array from the front, held-out ones from the back.

    Attributes:
        train: labels of the training images.
        held_out: labels of the held-out images.
        skipped: names of unreadable images.
        notes: about copies.
    """

    train: list[int]
    held_out: list[int]
    skipped: list[str]
    notes: list[str]


@dataclass(frozen=True)
class _Read:
    pixels: np.ndarray | None
    held_out: bool
    reason: str = ""
    number: int = 0


def first_shape(job: Job) -> tuple[int, int, int]:
    """Return the form `(C, H, W)` of the first readable image.

    Raises:
        UserError: if there is none.
    """
    for index, item in enumerate(job.items):
        read = _read(job, index)
        if read.pixels is not None:
            channels, height, width = read.pixels.shape
            return channels, height, width
        _refuse(job, item, read.reason)
    raise UserError(f"None of the {len(job.items)} images can be read; the first is {job.items[0].name}.")


def fill(job: Job, array: np.ndarray) -> Tally:
    """Decode all images into `array` `[N, C, H, W]`.

    Raises:
        UserError: for an unreadable image (unless skipped) or one of another form, by name.
    """
    tally = Tally([], [], [], [])
    numbers, sides = np.zeros(len(job.items), dtype=np.uint64), np.zeros(len(job.items), dtype=np.uint8)
    first = ""
    with _reading(job) as stream:
        for index, (item, read) in enumerate(stream):
            if read.pixels is None:
                _refuse(job, item, read.reason)
                tally.skipped.append(item.name)
                continue
            first = first or item.name
            if read.pixels.shape != array.shape[1:]:
                _refuse_form(read.pixels.shape, array.shape[1:], item.name, first)
            side = tally.held_out if read.held_out else tally.train
            array[len(array) - 1 - len(side) if read.held_out else len(side)] = read.pixels
            side.append(item.label)
            numbers[index], sides[index] = read.number, 2 if read.held_out else 1
    tally.notes = copy_notes([i.name for i in job.items], [i.label for i in job.items], numbers, sides)
    return tally


@contextmanager
def _reading(job: Job) -> Iterator[Iterator[tuple[Item, _Read]]]:
    """Read all images in order, with a progress bar once it takes more than 2 s."""
    pool = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))
    bar = tqdm(
        total=len(job.items), desc="Reading images", unit="image", delay=2.0, mininterval=0.5, leave=False
    )

    def stream() -> Iterator[tuple[Item, _Read]]:
        for start in range(0, len(job.items), CHUNK):
            indices = range(start, min(start + CHUNK, len(job.items)))
            yield from zip(
                job.items[start : start + CHUNK], pool.map(partial(_read, job), indices), strict=True
            )
            bar.update(len(indices))

    try:
        yield stream()
    finally:
        bar.close()
        pool.shutdown(cancel_futures=True)


def _read(job: Job, index: int) -> _Read:
    try:
        image, content = job.open_item(index)
        pixels = to_pixels(image, job.rules)
    except UserError:  # not about this image
        raise
    except UnreadableImageError as error:
        return _Read(None, False, str(error))
    except DECODER_ERRORS as error:
        return _Read(None, False, reason(error))
    side = job.items[index].held_out
    held_out = is_held_out(content, job.held_out) if side is None else side
    return _Read(pixels, held_out, number=pixel_number(pixels))


def _refuse(job: Job, item: Item, reason: str) -> None:
    if not job.skips:
        hint = "Replace or remove it, or leave such files out with data.on_error=skip."
        raise UserError(f"Cannot read the image {item.name}: {reason}. {hint}")


def _refuse_form(given: Sequence[int], wanted: Sequence[int], name: str, first: str) -> None:
    if given[0] != wanted[0]:
        kinds = {1: "grey", 3: "in color"}
        which = f"{first} is {kinds[wanted[0]]}, {name} is {kinds[given[0]]}"
        raise UserError(f"Grey and color images are mixed: {which}. Type data.channels=3 or data.channels=1.")
    sizes = f"{first} is {wanted[1]}x{wanted[2]}, {name} is {given[1]}x{given[2]} (height x width)"
    raise UserError(f"The images differ in size: {sizes}. Bring them to one size, such as data.size=64.")
