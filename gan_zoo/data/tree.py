"""What a tree of image files says about splits and classes.

- Around everything, folders that hold nothing but one folder are passed over.
- `train/` and `test/` at the top, and nothing else, are splits; `train/` alone is too.
- Within a split (or at the top, without splits) two or more sub-folders are classes, in alphabetical order;
  deeper folders belong to the class they lie in. Images beside class folders are refused, and so are folders
  without any file that lie where classes lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from gan_zoo.data.gather import Item
from gan_zoo.data.listing import printable
from gan_zoo.errors import UserError

TRAIN, TEST = "train", "test"

Parts = tuple[str, ...]


def arrange(
    names: Sequence[str], labels: bool, empty: Sequence[str] = ()
) -> tuple[list[Item], tuple[str, ...]]:
    """Give each image its split and class.

    Args:
        names: paths of all images relative to the root, with `/`.
        labels: whether sub-folders are classes.
        empty: folders without any file, likewise.

    Returns:
        One item per name, in the same order, and the names of the classes.

    Raises:
        UserError: for images beside class folders, empty classes, or splits that do not go together.
    """
    whole = [PurePosixPath(name).parts for name in names]
    paths = _without_wrappers(whole)
    splits = _splits(paths)
    if labels and empty:
        depth = len(whole[0]) - len(paths[0]) + bool(splits)
        _refuse_empty([PurePosixPath(name).parts for name in empty], whole, depth)
    inner = [path[1:] for path in paths] if splits else paths
    train = [path for path, top in zip(inner, paths, strict=True) if not splits or top[0] == TRAIN]
    classes = _classes(train) if labels else ()
    number = {name: index for index, name in enumerate(classes)}
    items = []
    for name, path, top in zip(names, inner, paths, strict=True):
        if classes and (len(path) == 1 or path[0] not in number):
            known = printable(", ".join(classes[:10]))
            raise UserError(f"{printable(name)} belongs to none of the classes of train/ ({known}).")
        side = None if TEST not in splits else top[0] == TEST
        items.append(Item(printable(name), number[path[0]] if classes else -1, side))
    return items, tuple(map(printable, classes))


def _refuse_empty(empty: Sequence[Parts], paths: Sequence[Parts], depth: int) -> None:
    """Refuse an empty folder that lies beside folders with images, down to where classes lie.

    Args:
        empty: folders without any file.
        paths: images.
        depth: how many folders lie around a class.
    """
    filled = {path[:level] for path in paths for level in range(1, min(depth + 2, len(path)))}
    around = {path[:-1] for path in filled}
    for path in empty:
        if path[:-1] in around and path not in filled:
            raise UserError(
                f"The folder {printable('/'.join(path))}/ holds no files, but lies where folders are classes "
                f"or splits. Fill it, remove it, or type data.labels=false."
            )


def _without_wrappers(paths: list[Parts]) -> list[Parts]:
    while paths and all(len(path) > 1 and path[0] == paths[0][0] for path in paths) and paths[0][0] != TRAIN:
        paths = [path[1:] for path in paths]
    return paths


def _splits(paths: list[Parts]) -> frozenset[str]:
    folders = {path[0] for path in paths if len(path) > 1}
    loose = [path[0] for path in paths if len(path) == 1]
    if folders in ({TRAIN}, {TRAIN, TEST}) and not loose:
        return frozenset(folders)
    if folders >= {TRAIN, TEST}:
        other = (loose + sorted(folders - {TRAIN, TEST}))[0]
        raise UserError(
            f"Beside train/ and test/ lies {printable(other)}; move it away, or into one of the two."
        )
    return frozenset()


def _classes(paths: list[Parts]) -> tuple[str, ...]:
    """Return the sub-folders of the training split if there are at least two.

    Raises:
        UserError: for images beside sub-folders.
    """
    folders = sorted({path[0] for path in paths if len(path) > 1})
    loose = [path[0] for path in paths if len(path) == 1]
    if folders and loose:
        mixed = printable(f"{loose[0]} lies beside the folder {folders[0]}/")
        raise UserError(f"Images and sub-folders are mixed: {mixed}. Sort them, or type data.labels=false.")
    return tuple(folders) if len(folders) > 1 else ()
