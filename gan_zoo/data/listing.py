"""Names in a tree of files, whether a folder or a zip file holds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from gan_zoo.data.pictures import EXTENSIONS
from gan_zoo.errors import UserError

JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")  # left by file managers


@dataclass
class Listing:
    """What lies in a tree; names are relative, with `/`.

    Attributes:
        images: files that are called like images.
        folders: all folders.
        others: visible files with other endings, counted by ending.
        links: links to folders that were read under another name.
        empty: folders without any visible file, once `finished`.
    """

    images: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    _filled: set[str] = field(default_factory=set)

    def add(self, name: str) -> None:
        """Sort one file in; a hidden one is as good as absent."""
        if is_hidden(name):
            return
        if is_image_name(name):
            self.images.append(name)
        else:
            self.others[PurePosixPath(name).suffix.lower() or "without an ending"] += 1
        folder = name.rpartition("/")[0]
        while folder and folder not in self._filled:
            self._filled.add(folder)
            folder = folder.rpartition("/")[0]

    def finished(self) -> Listing:
        """Sort, and find the empty folders."""
        self.images.sort()
        self._filled |= {link[:at] for link in self.links for at, sign in enumerate(link) if sign == "/"}
        self.empty = sorted(name for name in self.folders if name not in self._filled and not is_hidden(name))
        return self

    def require_images(self, path: str | None) -> None:
        """Check that there is something to learn.

        Raises:
            UserError: if no file is called like an image.
        """
        if not self.images:
            there = f"; there are {_counted(self.others)}" if self.others else ""
            zips = "; unpack zip files that lie in it" if ".zip" in self.others else ""
            raise UserError(f"data.path={path} holds no images ({' '.join(EXTENSIONS)}){there}{zips}.")

    def notes(self) -> list[str]:
        """Return what the user should know of what is not used."""
        found = []
        if self.others:
            found.append(f"files that are not called like images were left out: {_counted(self.others)}")
        if self.links:
            found.append(f"links to folders that are read already were left out: {some(self.links)}")
        return found


def is_hidden(name: str) -> bool:
    """Say whether a relative path, or a folder on its way, is hidden or left by a file manager."""
    return any(part.startswith(".") or part in JUNK for part in name.split("/"))


def is_image_name(name: str) -> bool:
    """Say whether a relative path names an image: a known ending, and nothing hidden on the way."""
    return name.lower().endswith(EXTENSIONS) and not is_hidden(name)


def printable(name: str) -> str:
    r"""Return a name that a terminal shows and does not obey; names come with the data.

    Example:
        >>> printable("a\x1b[2J.png")
        'a\\x1b[2J.png'
    """
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)


def some(names: Sequence[str], shown: int = 3) -> str:
    """Return how many names there are, and the first ones.

    Example:
        >>> some(["a", "b", "c", "d"])
        '4 (a, b, c, ...)'
    """
    listed = ", ".join(map(printable, names[:shown]))
    return f"{len(names)} ({listed}{', ...' if len(names) > shown else ''})"


def _counted(kinds: Counter[str]) -> str:
    listed = ", ".join(f"{count} {printable(kind)}" for kind, count in kinds.most_common(3))
    return f"{listed}{', ...' if len(kinds) > 3 else ''}"
