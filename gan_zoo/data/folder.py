"""Any folder of images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import flag
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.tree import arrange
from gan_zoo.data.walk import read_image_file, walk
from gan_zoo.errors import UserError


@DATASETS.register("folder")
@dataclass(frozen=True, kw_only=True)
class Folder(ImageSource):
    """Any folder of images; sub-folders are labels, `train/` and `test/` are splits.

    Args:
        path: the folder; searched recursively, without hidden files; links are followed.
        labels: whether sub-folders are classes.
    """

    path: str | None = None
    labels: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("labels", self.labels)

    def load(self) -> Dataset:
        """Decode all images, uint8 `[N, C, H, W]`."""
        root = existing_path("folder", self.path)
        if not root.is_dir():
            hint = "data=zip" if root.suffix.lower() == ".zip" else "data=folder data.path=FOLDER"
            raise UserError(f"data.path={self.path} is a file, not a folder. Type {hint}.")
        there = walk(root)
        there.require_images(self.path)
        names = there.images
        items, classes = arrange(names, self.labels, there.empty)

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            return self.decoded(read_image_file(root / names[index]))

        listing = ((str(root.resolve()), name, _identity(root / name)) for name in names)
        return self.gathered("folder", items, open_item, classes, listing, there.notes())


def existing_path(name: str, path: str | None) -> Path:
    """Return the path that the user gave.

    Raises:
        UserError: if there is none, or nothing lies there.
    """
    if not path:
        raise UserError(f"data={name} needs a path. Type data={name} data.path=PATH.")
    found = Path(path).expanduser()
    if not found.exists():
        raise UserError(f"data.path={path} does not exist (seen from {Path.cwd()}).")
    return found


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:  # a dangling link; reading it reports the name
        return 0, 0
    return status.st_size, status.st_mtime_ns
