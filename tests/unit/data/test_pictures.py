"""One image: exact pixels, modes, orientation, and the three ways to resize."""

import io
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageFile

from gan_zoo.data.pictures import (
    MAX_PIXELS,
    ImageRules,
    UnreadableImageError,
    decode,
    fit,
    strict_decoding,
    to_pixels,
)
from tests.unit.data import fakes

AS_IT_IS = ImageRules()


def read(image, rules=AS_IT_IS, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return to_pixels(decode(buffer.getvalue()), rules)


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_exact(channels):
    array = fakes.pixels(0, 5, 7, channels)
    expected = array[None] if channels == 1 else array.transpose(2, 0, 1)
    np.testing.assert_array_equal(read(Image.fromarray(array)), expected)


def test_grey_becomes_color_and_back():
    grey = fakes.pixels(0, 4, 4, 1)
    color = read(Image.fromarray(grey), ImageRules(channels=3))
    np.testing.assert_array_equal(color, np.stack([grey] * 3))
    np.testing.assert_array_equal(
        read(Image.fromarray(np.stack([grey] * 3, -1)), ImageRules(channels=1))[0], grey
    )


def test_transparency_is_laid_over_white():
    array = np.array([[[10, 20, 30, 255], [10, 20, 30, 0]]], dtype=np.uint8)
    np.testing.assert_array_equal(read(Image.fromarray(array))[:, 0].T, [[10, 20, 30], [255, 255, 255]])
    grey = Image.fromarray(np.array([[[7, 255], [7, 0]]], dtype=np.uint8), "LA")
    np.testing.assert_array_equal(read(grey), [[[7, 255]]])


def test_palettes_are_expanded():
    image = Image.new("P", (2, 1))
    image.putpalette([1, 2, 3, 4, 5, 6])
    image.putdata([1, 0])
    np.testing.assert_array_equal(read(image)[:, 0].T, [[4, 5, 6], [1, 2, 3]])
    np.testing.assert_array_equal(read(image, transparency=0)[:, 0].T, [[4, 5, 6], [255, 255, 255]])
    image.putpalette([9, 9, 9, 200, 200, 200])
    np.testing.assert_array_equal(read(image), [[[200, 9]]])


def test_sixteen_bit_grey_is_scaled():
    image = Image.fromarray(np.array([[0, 257, 65535]], dtype=np.uint16))
    np.testing.assert_array_equal(read(image), [[[0, 1, 255]]])


def test_bilevel_images_are_black_and_white():
    np.testing.assert_array_equal(read(Image.fromarray(np.array([[True, False]]))), [[[255, 0]]])


def test_exif_orientation_is_applied():
    array = fakes.pixels(0, 2, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    np.testing.assert_array_equal(
        read(Image.fromarray(array), exif=exif), np.rot90(array, -1).transpose(2, 0, 1)
    )


def test_crop_takes_the_center():
    array = fakes.pixels(0, 4, 7)
    cropped = fit(Image.fromarray(array), (4, 4), "crop")
    np.testing.assert_array_equal(np.asarray(cropped), array[:, 1:5])
    tall = fit(Image.fromarray(array.transpose(1, 0, 2)), (4, 4), "crop")
    np.testing.assert_array_equal(np.asarray(tall), array.transpose(1, 0, 2)[1:5])


def test_crop_scales_the_shorter_side():
    image = Image.fromarray(fakes.pixels(0, 8, 16))
    scaled_first = image.resize((8, 4), Image.Resampling.BICUBIC).crop((2, 0, 6, 4))
    np.testing.assert_array_equal(np.asarray(fit(image, (4, 4), "crop")), np.asarray(scaled_first))


def test_squash_keeps_everything():
    image = Image.fromarray(fakes.pixels(0, 4, 8))
    expected = image.resize((4, 4), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(np.asarray(fit(image, (4, 4), "squash")), np.asarray(expected))


def test_pad_puts_the_image_in_the_middle_of_black():
    array = np.full((2, 4), 200, dtype=np.uint8)
    expected = np.zeros((4, 4), dtype=np.uint8)
    expected[1:3] = 200
    np.testing.assert_array_equal(np.asarray(fit(Image.fromarray(array), (4, 4), "pad")), expected)


def test_shrinking_is_antialiased():
    checkers = (np.indices((32, 32)).sum(0) % 2 * 255).astype(np.uint8)
    small = np.asarray(fit(Image.fromarray(checkers), (4, 4), "crop")).astype(int)
    assert abs(small - 127).max() <= 2


def test_rectangles_are_height_by_width():
    assert read(Image.fromarray(fakes.pixels(0, 9, 9)), ImageRules((2, 6))).shape == (3, 2, 6)


@pytest.mark.parametrize("content", [b"", b"text", fakes.encoded(fakes.pixels(0, 64, 64), "JPEG")[:-700]])
def test_what_is_no_complete_image_is_unreadable(content):
    with pytest.raises(UnreadableImageError):
        decode(content)


@pytest.mark.parametrize("cut", range(24, 200, 8))  # the last 20 bytes hold no pixels
def test_a_cut_png_is_unreadable(cut):
    with pytest.raises(UnreadableImageError):
        decode(fakes.encoded(fakes.pixels(0, 8, 8))[:-cut])


@pytest.mark.parametrize("side", [10_000, 40_000])
def test_a_bomb_is_unreadable(side):
    assert side**2 > MAX_PIXELS
    with strict_decoding(), pytest.raises(UnreadableImageError, match=rf"type data\.pixel_limit={side**2}"):
        decode(fakes.bomb(side))


def test_the_limit_of_pixels_is_exact():
    content = fakes.encoded(fakes.pixels(0, 8, 9))
    assert decode(content, pixel_limit=72).size == (9, 8)
    with pytest.raises(UnreadableImageError, match=r"9x8 = 72 pixels, above data\.pixel_limit=71"):
        decode(content, pixel_limit=71)


KINDS = {
    "png": ("PNG", {}), "jpeg": ("JPEG", {}), "progressive": ("JPEG", {"progressive": True}),
    "bmp": ("BMP", {}), "webp": ("WEBP", {}), "lossless": ("WEBP", {"lossless": True}), "tiff": ("TIFF", {}),
    "lzw": ("TIFF", {"compression": "tiff_lzw"}), "ppm": ("PPM", {}), "gif": ("GIF", {}),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS)
def test_a_file_cut_anywhere_is_refused_or_complete(kind, options, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # what another package may have asked for
    content = fakes.encoded(fakes.pixels(0, 20, 20), kind, **options)
    with strict_decoding():
        whole = np.asarray(decode(content))
        for cut in range(0, len(content), 5):
            try:
                image = decode(content[:cut])
            except UnreadableImageError:
                continue
            np.testing.assert_array_equal(np.asarray(image), whole)
    assert ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS)
def test_damage_anywhere_is_a_reason_or_an_image(kind, options):
    random = np.random.default_rng(0)
    content = fakes.encoded(fakes.pixels(0, 20, 20), kind, **options)
    for place in random.integers(0, len(content), 100):
        damaged = bytearray(content)
        damaged[place] ^= int(random.integers(1, 256))
        with strict_decoding(), suppress(UnreadableImageError):
            to_pixels(decode(bytes(damaged), 10**6), ImageRules((8, 8)))


def test_other_formats_are_not_decoded_whatever_they_are_called():
    """PIL would give this to Ghostscript, which runs it."""
    postscript = (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n(proof) (w) file closefile\n"
    )
    with pytest.raises(UnreadableImageError, match="not an image of a known kind"):
        decode(postscript)
    for kind in ("PCX", "TGA", "ICO", "SGI"):
        with pytest.raises(UnreadableImageError, match="known kind"):
            decode(fakes.encoded(fakes.pixels(0, 16, 16), kind))


def test_cmyk_becomes_color():
    array = np.full((4, 4, 4), (0, 255, 255, 0), dtype=np.uint8)  # full magenta and yellow: red
    image = read(Image.fromarray(array, "CMYK"), kind="TIFF")
    np.testing.assert_array_equal(image[:, 0, 0], [255, 0, 0])


@pytest.mark.parametrize("mode", ["YCbCr", "LAB", "HSV", "RGBX"])
def test_other_color_spaces_become_color(mode):
    try:
        converted = Image.fromarray(fakes.pixels(0, 4, 4)).convert(mode)
    except ValueError:
        converted = Image.new(mode, (4, 4))
    assert to_pixels(converted, AS_IT_IS).shape == (3, 4, 4)


@pytest.mark.parametrize("level", [-1, 65536])
def test_levels_beyond_16_bits_are_unreadable(level):
    image = Image.fromarray(np.array([[0, level]], dtype=np.int32))
    with pytest.raises(UnreadableImageError, match=r"save the image with 8 or 16 bits"):
        read(image, kind="TIFF")


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_counts(kind):
    first, second = (Image.fromarray(np.full((4, 4, 3), level, dtype=np.uint8)) for level in (0, 255))
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = read(first, kind=kind, save_all=True, append_images=[second], **options)
    assert pixels.max() == 0


def test_floating_point_pixels_are_unreadable():
    with pytest.raises(UnreadableImageError, match="no stated range"):
        read(Image.fromarray(np.zeros((4, 4), dtype=np.float32)), kind="TIFF")
