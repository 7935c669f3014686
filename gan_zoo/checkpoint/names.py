"""Names of checkpoint files; they sort by images."""

from __future__ import annotations

import re
from pathlib import Path

LAST, INTERRUPTED = "last.ckpt", "interrupted.ckpt"
NUMBERED = "*kimg.ckpt"
BEST = "best-*.ckpt"
HEALTHY = "healthy-*.ckpt"
COUNT = re.compile(r"(\d+)\.(\d{3})(?:kimg)?\.ckpt$")


def image_name(images: int) -> str:
    """Return a file name that sorts by images, such as `000012.500kimg`."""
    return f"{images // 1000:06d}.{images % 1000:03d}kimg"


def best_name(images: int) -> str:
    """Return the file name of a checkpoint that is kept for its score, such as `best-000012.500.ckpt`."""
    return f"best-{image_name(images).removesuffix('kimg')}.ckpt"


def healthy_name(images: int) -> str:
    """Return the file name of what `guard=rollback` may return to, such as `healthy-000012.500.ckpt`."""
    return f"healthy-{image_name(images).removesuffix('kimg')}.ckpt"


def images_in_name(path: Path) -> int | None:
    """Return the image count in a file name, None where there is none, as in `last.ckpt`.

    Example:
        >>> images_in_name(Path("000012.500kimg.ckpt")), images_in_name(Path("last.ckpt"))
        (12500, None)
    """
    found = COUNT.search(path.name)
    return int(found[1]) * 1000 + int(found[2]) if found else None
