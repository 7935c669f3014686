"""CelebA, aligned and cropped (Liu et al. 2015, arXiv:1411.7766)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import flag
from gan_zoo.data.download import fetched
from gan_zoo.data.gather import Item
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.walk import read_image_file
from gan_zoo.errors import UserError, did_you_mean

FOLDER = Path("celeba", "img_align_celeba")


@DATASETS.register("celeba")
@dataclass(frozen=True, kw_only=True)
class CelebA(ImageSource):
    """162,770 photos of faces, 178x218; its 19,962 test images are held out, its validation images unused.

    With `resize: crop` the central 178x178 pixels are scaled to `size`.

    Args:
        root: folder that holds torchvision's `celeba`.
        download: whether to fetch missing files (from Google Drive, which often refuses).
        attribute: name of an attribute that gives two classes, such as `Smiling`, or null for no labels.
    """

    size: int | Sequence[int] | None = 64
    channels: int | None = 3
    root: str = "data"
    download: bool = True
    attribute: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("download", self.download)

    def load(self) -> Dataset:
        """Decode the photos, uint8 `[N, 3, H, W]`."""
        from torchvision.datasets import CelebA as Files

        def make(split: str) -> Any:
            return fetched(
                "celeba",
                self.root,
                self.download,
                lambda root, download: Files(root, split, download=download),
            )

        items = [item for split in ("train", "test") for item in self._items(make(split), split == "test")]
        folder = Path(self.root).expanduser() / FOLDER

        def open_item(index: int) -> tuple[Image.Image, bytes]:
            return self.decoded(read_image_file(folder / items[index].name))

        names = (f"not {self.attribute}", str(self.attribute)) if self.attribute else ()
        return self.gathered("celeba", items, open_item, names, (str(folder.resolve()),))

    def _items(self, files: Any, held_out: bool) -> list[Item]:
        labels = [-1] * len(files.filename)
        if self.attribute is not None:
            known = [name for name in files.attr_names if name]
            if self.attribute not in known:
                hint = did_you_mean(self.attribute, known)
                raise UserError(f"CelebA has no attribute '{self.attribute}'. {hint}")
            labels = files.attr[:, known.index(self.attribute)].tolist()
        return [Item(name, label, held_out) for name, label in zip(files.filename, labels, strict=True)]
