"""What all sources of image files share: rules for pixels, the split, and where decoded images are kept."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gan_zoo.data.base import Dataset, DataSource
from gan_zoo.data.cache import GIB, Gathered, cache_key, gather_in_file, gather_in_memory
from gan_zoo.data.checks import choice, image_size, positive, share
from gan_zoo.data.gather import ON_ERROR, Item, Job, first_shape
from gan_zoo.data.pictures import RESIZES, ImageRules
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec


@dataclass(frozen=True, kw_only=True)
class ImageSource(DataSource):
    """A source that decodes images one by one.

    Args:
        size: null for the images' own size (then all must agree), one number, or `[height, width]`.
        resize: `crop` (largest centered part of the wanted proportions), `squash` or `pad` (black).
        channels: 1, 3, or null for what the first image has (then all must agree).
        on_error: `stop` at an unreadable image, or `skip` it.
        held_out: share that training never sees, by a hash of each image, where there is no test split.
        memory_limit_gb: above this many GiB decoded images go to a memory-mapped file.
        cache_dir: where that file lies.
    """

    size: int | Sequence[int] | None = None
    resize: str = "crop"
    channels: int | None = None
    on_error: str = "stop"
    held_out: float = 0.1
    memory_limit_gb: float = 4.0
    cache_dir: str = "~/.cache/gan_zoo"

    def __post_init__(self) -> None:
        image_size(self.size)
        choice("resize", self.resize, RESIZES)
        choice("on_error", self.on_error, ON_ERROR)
        share("held_out", self.held_out)
        positive("memory_limit_gb", self.memory_limit_gb)
        if self.channels not in (None, 1, 3) or isinstance(self.channels, bool):
            raise UserError(f"data.channels={self.channels!r}: allowed are 1 (grey), 3 (color) and null.")

    def gathered(
        self, name: str, items: Sequence[Item], open_item: Callable[[int], tuple[Image.Image, bytes]],
        class_names: Sequence[str], listing: Iterable[object],
    ) -> Dataset:  # fmt: skip
        """Decode all images and split them.

        Args:
            name: of the data set.
            items: all images.
            open_item: index to (image, content to hash), from several threads at once.
            class_names: one per class, or empty.
            listing: what identifies the files, for the key of the cache.

        Raises:
            UserError: for images that cannot be read or do not go together, or an empty training split.
        """
        rules = ImageRules(image_size(self.size), self.resize, self.channels)
        job = Job(items, open_item, rules, self.held_out, self.on_error == "skip")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL warns about odd metadata; what matters is raised
            form, result = self._decoded(job, listing)
        if not len(result.train):
            raise UserError(f"data={name}: all {len(items)} images are held out. Type data.held_out=0.")
        spec = DataSpec(name, form, len(class_names), tuple(class_names))
        return Dataset(spec, result.train, result.held_out, result.fingerprint, result.skipped)

    def _decoded(self, job: Job, listing: Iterable[object]) -> tuple[tuple[int, int, int], Gathered]:
        """Decode in memory or in a file, and return the form `(C, H, W)` with it."""
        form = first_shape(job)
        shape = (len(job.items), *form)
        if math.prod(shape) <= self.memory_limit_gb * GIB:
            return form, gather_in_memory(job, shape)
        directory = Path(self.cache_dir).expanduser()
        return form, gather_in_file(job, shape, directory, cache_key(listing, job))
