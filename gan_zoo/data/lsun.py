"""LSUN (Yu et al. 2015, arXiv:1506.03365): one LMDB folder per category, `ROOT/<category>_train_lmdb`.

The folders are torchvision's, but they are read directly: torchvision leaves a pickled list of keys in the
working directory and trusts what it finds there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.checks import whole
from gan_zoo.data.gather import Item
from gan_zoo.data.image_source import ImageSource
from gan_zoo.data.listing import printable
from gan_zoo.data.pictures import UnreadableImageError
from gan_zoo.errors import UserError

Keys = list[tuple[Any, bytes]]  # (open database, key)


@DATASETS.register("lsun")
@dataclass(frozen=True, kw_only=True)
class Lsun(ImageSource):
    """Photos of scenes by category, shorter side 256; the validation images are held out if present.

    Two or more categories are classes. Needs the package `lmdb` and files from the LSUN project.

    Args:
        root: folder that holds `<category>_train_lmdb` and perhaps `<category>_val_lmdb`.
        categories: such as `[bedroom]`.
        limit: read only the first so many training images of each category; null for all.
    """

    size: int | Sequence[int] | None = 64
    channels: int | None = 3
    root: str = "data"
    categories: Sequence[str] = ("bedroom",)
    limit: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.categories, str) or not self.categories:
            raise UserError(
                f"data.categories={self.categories!r}: a list is needed, such as [bedroom,tower]."
            )
        if self.limit is not None:
            whole("limit", self.limit)

    def load(self) -> Dataset:
        """Decode the photos, uint8 `[N, 3, H, W]`."""
        try:
            import lmdb
        except ImportError as error:
            raise UserError("data=lsun needs the package lmdb. Type pip install lmdb.") from error
        keys: Keys = []
        items: list[Item] = []
        names = tuple(self.categories) if len(self.categories) > 1 else ()
        with ExitStack() as stack:
            splits = [self._folders(category) for category in self.categories]
            has_test = all(test.is_dir() for _, test in splits)
            for label, (train, test) in enumerate(splits):
                for folder in (train, test) if has_test else (train,):
                    limit = None if folder == test else self.limit
                    found = _open(lmdb, folder, stack, limit)
                    keys += found
                    side = folder == test if has_test else None
                    items += [
                        Item(
                            f"{folder.name}/{printable(key.decode(errors='replace'))}",
                            label if names else -1,
                            side,
                        )
                        for _, key in found
                    ]

            def open_item(index: int) -> tuple[Image.Image, bytes]:
                return self.decoded(_content(lmdb, *keys[index]))

            return self.gathered("lsun", items, open_item, names, (str(Path(self.root).resolve()),))

    def _folders(self, category: str) -> tuple[Path, Path]:
        """Return the training and the validation folder of a category.

        Raises:
            UserError: if the first is missing.
        """
        root = Path(self.root).expanduser()
        train, test = root / f"{category}_train_lmdb", root / f"{category}_val_lmdb"
        if not train.is_dir():
            where = "get it from https://www.yf.io/p/lsun and unpack it there, or type data.root=FOLDER"
            raise UserError(f"data=lsun: the folder {train} is missing; {where}.")
        return train, test


def _open(lmdb: Any, folder: Path, stack: ExitStack, limit: int | None) -> Keys:
    """Open a database and list its keys.

    Raises:
        UserError: if it cannot be opened.
    """
    try:
        database = lmdb.open(
            str(folder), readonly=True, lock=False, readahead=False, meminit=False, max_readers=64
        )
    except lmdb.Error as error:
        raise UserError(f"data=lsun: cannot open {folder}: {error}.") from error
    stack.callback(database.close)
    try:
        with database.begin(write=False) as transaction, transaction.cursor() as cursor:
            names = itertools.islice(cursor.iternext(keys=True, values=False), limit)
            return [(database, bytes(name)) for name in names]
    except lmdb.Error as error:
        raise UserError(f"data=lsun: {folder} is damaged: {error}. Unpack it again.") from error


def _content(lmdb: Any, database: Any, key: bytes) -> bytes:
    """Read one image file.

    Raises:
        UnreadableImageError: if the database is damaged there.
    """
    try:
        with database.begin(write=False) as transaction:
            content = transaction.get(key)
    except lmdb.Error as error:
        raise UnreadableImageError(f"the database is damaged: {error}") from error
    if content is None:
        raise UnreadableImageError("it has vanished from the database")
    return bytes(content)
