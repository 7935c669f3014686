"""Pictures as text inside a page, small enough for a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image, UnidentifiedImageError

Item = TypeVar("Item")

LARGEST_PNG = 400_000  # bytes above which a picture is stored with losses
QUALITY = 88  # of JPEG
BROKEN = (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError)


def embedded(path: Path) -> str | None:
    """Return a PNG as a data URL, as JPEG if it is large, or None if it cannot be read."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as picture:
            if len(content) > LARGEST_PNG:
                return _url(_jpeg(picture), "jpeg")
            picture.verify()  # a torn file would leave a hole in the page
        return _url(content, "png")
    except BROKEN:
        return None


def thumbnail(path: Path, width: int) -> str | None:
    """Return a picture of at most `width` pixels as a data URL, or None if it cannot be read."""
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail((width, 4 * width))
            return _url(_jpeg(small), "jpeg")
    except BROKEN:
        return None


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most so many items, evenly over all, the first and the last among them.

    Example:
        >>> spread(range(11), 3), spread([1, 2], 5)
        ([0, 5, 10], [1, 2])
    """
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return file.getvalue()


def _url(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
