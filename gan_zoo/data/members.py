"""The members of a zip file that comes from anywhere."""

from __future__ import annotations

import itertools
import stat
import zipfile
from pathlib import PurePosixPath, PureWindowsPath

from gan_zoo.data.listing import Listing, is_hidden, is_image_name, printable
from gan_zoo.data.pictures import BYTE_LIMIT, UnreadableImageError
from gan_zoo.errors import UserError

LOCAL_HEADER = 30  # bytes before the name of a member, at least
ENCRYPTED = 1  # bit of the flags
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflate"}


class Members:
    """What a zip file would unpack to.

    Attributes:
        listing: names of images, folders and others, with `/`.
        by_name: members that are called like images.
        replaced: images of which there are several; the last one counts, as if they were unpacked in order.

    Args:
        archive: the open file.

    Raises:
        UserError: for a name that points outside, or members that overlap.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        infos = archive.infolist()
        _refuse_overlaps(infos)
        self.by_name: dict[str, zipfile.ZipInfo] = {}
        self.replaced: list[str] = []
        self.listing = Listing()
        for info in infos:
            name = _inside(info)
            if info.filename.endswith(("/", "\\")):
                self.listing.folders.append(name)
            elif stat.S_ISLNK(info.external_attr >> 16) or is_hidden(name):
                continue
            elif name in self.by_name:
                self.by_name[name] = info
                self.replaced.append(name)
            else:
                self.listing.add(name)
                if is_image_name(name):
                    self.by_name[name] = info
        self.listing.finished()


def _inside(info: zipfile.ZipInfo) -> str:
    """Return a member's name with `/`, without `.` and doubled slashes.

    Raises:
        UserError: for a name that points outside.
    """
    name = info.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if name.startswith("/") or PureWindowsPath(name).drive or ".." in path.parts:
        shown = printable(info.filename)
        raise UserError(
            f"The zip file is refused: its member '{shown}' points outside. Whoever made it may mean harm; "
            f"to use it all the same, unpack it yourself and type data=folder data.path=FOLDER."
        )
    return str(path)


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes; thousands of members can then be one and the same bomb.

    Raises:
        UserError: if two overlap.
    """
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for info, following in itertools.pairwise(ordered):
        if info.header_offset + LOCAL_HEADER + info.compress_size > following.header_offset:
            names = printable(f"'{info.filename}' and '{following.filename}'")
            raise UserError(
                f"The zip file is refused: its members {names} overlap, as in a zip bomb. Pack the images "
                f"anew."
            )


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read a member into memory; zipfile stops at the size that it claims, and checks its CRC.

    Raises:
        UnreadableImageError: for encrypted members, claims above half a gigabyte, and unusual compressions.
    """
    if info.flag_bits & ENCRYPTED:
        raise UnreadableImageError("it is encrypted; unpack the zip file and type data=folder")
    if info.file_size > BYTE_LIMIT:
        raise UnreadableImageError(f"it claims {info.file_size} bytes, more than {BYTE_LIMIT}")
    if info.compress_type not in METHODS:  # bzip2 and LZMA unpack a few bytes to gigabytes at once
        raise UnreadableImageError(
            f"it is compressed with method {info.compress_type}; {' and '.join(METHODS.values())} are read"
        )
    return archive.read(info)
