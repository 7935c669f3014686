"""A zip file of images, read without unpacking."""

from __future__ import annotations

import stat
import threading
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import flag
from gan_zoo.data.folder import existing_path
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.pictures import EXTENSIONS, UnreadableImageError, decode
from gan_zoo.data.tree import arrange, is_image_name
from gan_zoo.errors import UserError

MAX_MEMBER_BYTES = 2**29  # an encoded image above half a gigabyte is a bomb


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
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise UserError(f"data.path={self.path} is not a complete zip file: {error}.") from error
        with archive:
            return self._read(archive, (path.stat().st_size, path.stat().st_mtime_ns))

    def _read(self, archive: zipfile.ZipFile, identity: tuple[int, int]) -> Dataset:
        members = image_members(archive)
        if not members:
            raise UserError(f"data.path={self.path} holds no images ({' '.join(EXTENSIONS)}).")
        items, classes = arrange(list(members), self.labels)
        infos = list(members.values())
        lock = threading.Lock()  # a ZipFile has one position

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            if infos[index].file_size > MAX_MEMBER_BYTES:
                raise UnreadableImageError(f"it claims {infos[index].file_size} bytes")
            with lock:
                content = archive.read(infos[index])
            return decode(content), content

        return self.gathered("zip", items, open_item, classes, (str(self.path), identity))


def image_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """List the images in an archive by name, sorted.

    Raises:
        UserError: for a name that points outside.
    """
    found = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or PureWindowsPath(name).drive or ".." in PurePosixPath(name).parts:
            raise UserError(f"The zip file is refused: its member {info.filename!r} points outside.")
        if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16) and is_image_name(name):
            found[name] = info
    return dict(sorted(found.items()))
