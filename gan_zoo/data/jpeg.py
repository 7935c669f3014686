"""JPEG files that stop early and say nothing.

A file whose data break off is refused by PIL. But when an end marker follows, as repaired downloads have it,
the decoder only warns, PIL drops the warning, and the rest of the picture is grey.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

END = b"\xff\xd9"
DATA = bytes((37 * index + 11) % 251 for index in range(256))  # read as a picture: no byte starts a marker
RESTARTS = (bytes([0xFF, 0xD0 + index % 8]) for index in range(32))  # for files that restart on and on
FILLER = DATA + b"".join(restart + DATA for restart in RESTARTS)
GREY = (126, 130)  # what is missing decodes to 128 in every channel, but for rounding


def ends_early(content: bytes, image: Image.Image) -> bool:
    """Say whether the data of a decoded JPEG file end before its picture does.

    Where the data are complete, the decoder never reads what is put between them and the end marker; where
    they are not, it takes that for the rest of the picture. This second look is for pictures that end in
    grey, and for progressive ones, whose missing scans only blur.

    Args:
        content: the file.
        image: what it decodes to.
    """
    if image.format not in ("JPEG", "MPO") or not (image.info.get("progressive") or _ends_in_grey(image)):
        return False
    end = content.rfind(END)
    with Image.open(io.BytesIO(content[:end] + FILLER + content[end:]), formats=("JPEG",)) as longer:
        return not np.array_equal(np.asarray(longer), np.asarray(image))


def _ends_in_grey(image: Image.Image) -> bool:
    last = image.getpixel((image.width - 1, image.height - 1))
    levels = last if isinstance(last, tuple) else (last,)
    return all(level is not None and GREY[0] <= level <= GREY[1] for level in levels)
