"""What all sources of image files share: rules for pixels, the split, and where decoded images are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gan_zoo.data.base import Dataset, DataSource
from gan_zoo.data.cache import GIB, Gathered, cache_key, gather_in_file, gather_in_memory
from gan_zoo.data.checks import choice, image_size, positive, share, whole
from gan_zoo.data.copies import class_notes
from gan_zoo.data.gather import ON_ERROR, Item, Job, first_shape
from gan_zoo.data.listing import some
from gan_zoo.data.pictures import MAX_PIXELS, RESIZES, ImageRules, decode, strict_decoding
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec


@dataclass(frozen=True, kw_only=True)
class ImageSource(DataSource):
    """A source that decodes images one by one.

    Args:
        size: null for the images' own size (then all must agree), one number, or `[height, width]`.
        resize: `crop` (largest centered part of the wanted proportions), `squash` or `pad` (black).
        channels: 1, 3, or null for what the first image has (then all must agree).
        pixel_limit: files that claim more pixels are refused before they are decoded.
        on_error: `stop` at an unreadable image, or `skip` it.
        held_out: share that training never sees, by a hash of each image, where there is no test split.
        memory_limit_gb: above this many GiB decoded images go to a memory-mapped file.
        cache_dir: where that file lies.
    """

    size: int | Sequence[int] | None = None
    resize: str = "crop"
    channels: int | None = None
    pixel_limit: int = MAX_PIXELS
    on_error: str = "stop"
    held_out: float = 0.1
    memory_limit_gb: float = 4.0
    cache_dir: str = "~/.cache/gan_zoo"

    def __post_init__(self) -> None:
        image_size(self.size)
        choice("resize", self.resize, RESIZES)
        choice("on_error", self.on_error, ON_ERROR)
        share("held_out", self.held_out)
        whole("pixel_limit", self.pixel_limit)
        positive("memory_limit_gb", self.memory_limit_gb)
        if self.channels not in (None, 1, 3) or isinstance(self.channels, bool):
            raise UserError(f"data.channels={self.channels!r}: allowed are 1 (grey), 3 (color) and null.")

    def decoded(self, content: bytes) -> tuple[Image.Image, bytes]:
        """Return the image in a file, and the file, as `gathered` wants them.

        Raises:
            UnreadableImageError: for truncated, unknown or huge images.
        """
        return decode(content, self.pixel_limit), content

    def gathered(
        self, name: str, items: Sequence[Item], open_item: Callable[[int], tuple[Image.Image, bytes]],
        class_names: Sequence[str], listing: Iterable[object], notes: Sequence[str] = (),
    ) -> Dataset:  # fmt: skip
        """Decode all images and split them.

        Args:
            name: of the data set.
            items: all images.
            open_item: index to (image, content to hash), from several threads at once.
            class_names: one per class, or empty.
            listing: what identifies the files, for the key of the cache.
            notes: what the user should know of the files.

        Raises:
            UserError: for images that cannot be read or do not go together, or an empty training split.
        """
        rules = ImageRules(image_size(self.size), self.resize, self.channels)
        job = Job(items, open_item, rules, self.held_out, self.on_error == "skip")
        with strict_decoding():
            form, result = self._in_memory_or_file(job, listing)
        if not len(result.train):
            raise UserError(f"data={name}: all {len(items)} images are held out. Type data.held_out=0.")
        spec = DataSpec(name, form, len(class_names), tuple(class_names))
        own_split = any(item.held_out is not None for item in items)
        notes = [*notes, *result.notes]
        if result.skipped:
            notes.append(f"unreadable images were left out (data.on_error=skip): {some(result.skipped)}")
        notes += class_notes(result.train.labels, result.held_out.labels, class_names, own_split)
        notes = [f"data={name}: {note}." for note in notes]
        return Dataset(
            spec, result.train, result.held_out, result.fingerprint, result.skipped, notes=tuple(notes)
        )

    def _in_memory_or_file(
        self, job: Job, listing: Iterable[object]
    ) -> tuple[tuple[int, int, int], Gathered]:
        """Decode in memory or in a file, and return the form `(C, H, W)` with it."""
        form = first_shape(job)
        shape = (len(job.items), *form)
        if math.prod(shape) <= self.memory_limit_gb * GIB:
            return form, gather_in_memory(job, shape)
        directory = Path(self.cache_dir).expanduser()
        return form, gather_in_file(job, shape, directory, cache_key(listing, job))
