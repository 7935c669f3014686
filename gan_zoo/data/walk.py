"""What lies in a folder: images by name, each real folder once, and no file but regular ones."""

from __future__ import annotations

import os
import stat
from collections import deque
from pathlib import Path, PurePosixPath

from gan_zoo.data.listing import Listing, is_hidden
from gan_zoo.data.pictures import BYTE_LIMIT, UnreadableImageError
from gan_zoo.errors import UserError

NONBLOCKING = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for somebody who writes


def walk(root: Path) -> Listing:
    """List a folder and all below it, in time proportional to what is there.

    Links are followed, also to the outside. Every real folder is read once: under its own name if it lies
    below `root`, else under the first link that leads to it. So loops end, and links to a folder around
    `root` lead nowhere.

    Raises:
        UserError: for a folder that cannot be read.
    """
    listing = Listing()
    read = {_identity(parent) for parent in root.resolve().parents}
    folders, links = deque([""]), deque[str]()
    while folders or links:
        name = folders.popleft() if folders else links.popleft()
        identity = _identity(root / name)
        if identity in read:
            listing.links.append(name)
            continue
        read.add(identity)
        if name:
            listing.folders.append(name)
        for entry in _entries(root, name):
            if is_hidden(entry.name):
                continue
            inner = f"{name}/{entry.name}" if name else entry.name
            if not _is_folder(entry):
                listing.add(inner)
            elif entry.is_symlink():
                links.append(inner)
            else:
                folders.append(inner)
    return listing.finished()


def _identity(folder: Path) -> tuple[int, int] | str:
    try:
        status = folder.stat()
    except OSError:  # listing it says what is wrong
        return str(folder)
    return status.st_dev, status.st_ino


def _entries(root: Path, name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / name) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        shown = PurePosixPath(root.as_posix(), name)
        raise UserError(
            f"Cannot list the folder {shown}: {error.strerror}. Make it readable, or move it "
            f"out of data.path."
        ) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself; reading it reports the name, if it is called like an image
        return False


def read_image_file(path: Path) -> bytes:
    """Read a file, if it is one: no pipe, device or folder.

    Raises:
        UnreadableImageError: for anything but a regular file of a sane size.
        OSError: if it cannot be read.
    """
    with open(path, "rb", opener=_open) as file:  # Path.open takes no opener
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableImageError("it is no regular file")
        if status.st_size > BYTE_LIMIT:
            raise UnreadableImageError(f"it has {status.st_size} bytes, more than {BYTE_LIMIT}")
        return file.read(BYTE_LIMIT)


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | NONBLOCKING)
