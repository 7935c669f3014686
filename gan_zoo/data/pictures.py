"""One image: from a file's bytes to pixels of the wanted size, by stated rules.

- The first frame of an animation counts; EXIF orientation is applied.
- Transparent pixels are laid over white. Palettes are expanded; a palette of greys is grey.
- 16-bit grey levels are divided by 257. Other color spaces become RGB; floating-point TIFFs and whole numbers
  outside 0..65535 are refused.
- Only the formats of `FORMATS` are decoded, whatever a file is called: PIL hands others, such as EPS, to
  other programs.
- `crop` scales until the shorter side fits and keeps the center (whole pixels of the original);
  `squash` scales height and width independently; `pad` scales until all of it fits, in the middle of black.
- All scaling is PIL's bicubic filter, antialiased where it shrinks. An image of the right size is kept.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFile, ImageOps

from gan_zoo.data.jpeg import ends_early

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm")
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "WEBP", "TIFF", "GIF", "PPM")
RESIZES = ("crop", "squash", "pad")
MAX_PIXELS = 89_478_485  # PIL's own limit against decompression bombs: a quarter of a gigabyte as RGB
BYTE_LIMIT = 2**29  # an encoded image above half a gigabyte is a bomb
DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, RuntimeError, struct.error,
    MemoryError, OverflowError, AttributeError, AssertionError,
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


@contextmanager
def strict_decoding() -> Iterator[None]:
    """Let PIL refuse what is incomplete, whatever others told it, and warn about nothing.

    What matters of its warnings is raised here; its own limit of pixels gives way to that of `decode`.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = False, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS = before


def decode(content: bytes, pixel_limit: int = MAX_PIXELS) -> Image.Image:
    """Decode an image file completely, turned the way its EXIF data say.

    Args:
        content: the file.
        pixel_limit: images that claim more pixels are refused before they are decoded.

    Raises:
        UnreadableImageError: for truncated, unknown or huge images.
    """
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
        pixels = image.width * image.height
        if pixels > pixel_limit:
            asked = f"{image.width}x{image.height} = {pixels} pixels, above data.pixel_limit={pixel_limit}"
            raise UnreadableImageError(f"{asked}; if you trust it, type data.pixel_limit={pixels}")
        image.load()
        if ends_early(content, image):
            raise UnreadableImageError("its data end before the picture does; the rest would be grey")
        return ImageOps.exif_transpose(image)
    except DECODER_ERRORS as error:
        raise UnreadableImageError(reason(error)) from error


def reason(error: BaseException) -> str:
    """Say in few words why an image cannot be read."""
    if isinstance(error, Image.UnidentifiedImageError):
        return f"not an image of a known kind ({', '.join(FORMATS)})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, MemoryError):
        return "it does not fit into the memory"
    return str(error) or type(error).__name__


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
        levels = np.asarray(image).astype(np.int64)
        if levels.min() < 0 or levels.max() > 65535:
            raise UnreadableImageError(
                f"its levels lie in [{levels.min()}, {levels.max()}]; save the image with 8 or 16 bits"
            )
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
