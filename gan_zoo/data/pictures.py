"""One image: from a file's bytes to pixels of the wanted size, by stated rules.

- The first frame of an animation counts; EXIF orientation is applied.
- Transparent pixels are laid over white. Palettes are expanded; a palette of greys is grey.
- 16-bit grey levels are divided by 257. Other color spaces become RGB; floating-point TIFFs are refused.
- `crop` scales until the shorter side fits and keeps the center (whole pixels of the original);
  `squash` scales height and width independently; `pad` scales until all of it fits, in the middle of black.
- All scaling is PIL's bicubic filter, antialiased where it shrinks. An image of the right size is kept.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm")
RESIZES = ("crop", "squash", "pad")
MAX_PIXELS = 89_478_485  # PIL's own limit against decompression bombs: a quarter of a gigabyte as RGB
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, RuntimeError, struct.error,
    zlib.error, zipfile.BadZipFile, Image.DecompressionBombError,
)  # fmt: skip


class UnreadableImageError(Exception):
    """An image that cannot be read; the text says why."""


@dataclass(frozen=True)
class ImageRules:
    """How images are brought into one form.

    Attributes:
        size: (height, width), or None for the images' own.
        resize: `crop`, `squash` or `pad`.
        channels: 1, 3, or None for what the image has.
    """

    size: tuple[int, int] | None = None
    resize: str = "crop"
    channels: int | None = None


def decode(content: bytes) -> Image.Image:
    """Decode an image file completely, turned the way its EXIF data say.

    Raises:
        UnreadableImageError: for truncated, unknown or huge images.
    """
    try:
        image = Image.open(io.BytesIO(content))
        if image.width * image.height > MAX_PIXELS:
            raise UnreadableImageError(f"{image.width}x{image.height} is more than {MAX_PIXELS} pixels")
        image.load()
        return ImageOps.exif_transpose(image)
    except DECODER_ERRORS as error:
        reason = (
            "not an image that PIL knows" if isinstance(error, Image.UnidentifiedImageError) else str(error)
        )
        raise UnreadableImageError(reason or type(error).__name__) from error


def to_pixels(image: Image.Image, rules: ImageRules) -> np.ndarray:
    """Bring an image into the form that `rules` ask for, uint8 `[C, H, W]`.

    Raises:
        UnreadableImageError: for pixels without a stated range.
    """
    image = _flat(image)
    if rules.channels is not None:
        image = image.convert("L" if rules.channels == 1 else "RGB")
    if rules.size is not None:
        image = fit(image, rules.size, rules.resize)
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def fit(image: Image.Image, size: tuple[int, int], resize: str) -> Image.Image:
    """Scale an image to `size`, (height, width), by one of `RESIZES`."""
    height, width = size
    if image.size == (width, height):
        return image
    if resize == "squash":
        return image.resize((width, height), Image.Resampling.BICUBIC)
    if resize == "pad":
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        canvas = Image.new(image.mode, (width, height))
        corner = ((width - inner[0]) // 2, (height - inner[1]) // 2)
        canvas.paste(image.resize(inner, Image.Resampling.BICUBIC), corner)
        return canvas
    box = _centered_box(image.size, (width, height))
    return image.resize((width, height), Image.Resampling.BICUBIC, box=box)


def _centered_box(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest centered box (left, top, right, bottom) with the proportions of `target`."""
    width, height = size
    if width * target[1] > height * target[0]:
        width = max(1, round(height * target[0] / target[1]))
    else:
        height = max(1, round(width * target[1] / target[0]))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height


def _flat(image: Image.Image) -> Image.Image:
    """Return the image as `L` (grey) or `RGB`, over white where it is transparent."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "F":
        raise UnreadableImageError(
            "floating-point pixels have no stated range; save the image with 8 or 16 bits"
        )
    if image.mode.startswith("I"):
        levels = np.asarray(image).astype(np.int64).clip(0, 65535)
        return Image.fromarray((levels / 257.0).round().astype(np.uint8))
    grey = _is_grey(image)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), layer)
    return image.convert("L" if grey else "RGB")


def _is_grey(image: Image.Image) -> bool:
    if image.mode in ("P", "PA"):
        palette = np.array(image.getpalette("RGB") or [], dtype=np.uint8).reshape(-1, 3)
        return bool((palette == palette[:, :1]).all())
    return image.mode in ("1", "L", "LA", "La")
