"""A zip file of images, read without unpacking."""

from __future__ import annotations

import struct
import threading
import zipfile
from dataclasses import dataclass

from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import flag
from gan_zoo.data.folder import existing_path
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.listing import some
from gan_zoo.data.members import Members, read_member
from gan_zoo.data.tree import arrange
from gan_zoo.errors import UserError

BROKEN = (
    zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError, struct.error, IndexError,
    EOFError,
)  # fmt: skip  # what opening a damaged file may raise


@DATASETS.register("zip")
@dataclass(frozen=True, kw_only=True)
class Zip(ImageSource):
    """The same as `folder` inside a zip file, read without unpacking.

    Args:
        path: the zip file; members with absolute names or `..` are refused, links ignored.
        labels: whether sub-folders are classes.
    """

    path: str | None = None
    labels: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("labels", self.labels)

    def load(self) -> Dataset:
        """Decode all images, uint8 `[N, C, H, W]`."""
        path = existing_path("zip", self.path)
        if path.is_dir():
            raise UserError(f"data.path={self.path} is a folder. Type data=folder data.path={self.path}.")
        if not path.is_file():
            raise UserError(f"data.path={self.path} is no regular file. Give a zip file.")
        try:
            archive = zipfile.ZipFile(path)
        except BROKEN as error:
            raise UserError(f"data.path={self.path} is not a complete zip file: {error}.") from error
        with archive:
            status = path.stat()
            return self._read(archive, (str(path.resolve()), status.st_size, status.st_mtime_ns))

    def _read(self, archive: zipfile.ZipFile, identity: tuple[str, int, int]) -> Dataset:
        members = Members(archive)
        members.listing.require_images(self.path)
        names = members.listing.images
        items, classes = arrange(names, self.labels, members.listing.empty)
        lock = threading.Lock()  # a ZipFile has one position

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            with lock:
                content = read_member(archive, members.by_name[names[index]])
            return self.decoded(content)

        notes = members.listing.notes()
        if members.replaced:
            notes.append(f"later files of the same name took the place of {some(members.replaced)}")
        return self.gathered("zip", items, open_item, classes, identity, notes)
