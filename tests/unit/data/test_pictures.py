"""One image: exact pixels, modes, orientation, and the three ways to resize."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data.pictures import MAX_PIXELS, ImageRules, UnreadableImageError, decode, fit, to_pixels
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


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_000, 40_000])
def test_a_bomb_is_unreadable(side):
    assert side**2 > MAX_PIXELS
    bomb = fakes.encoded(np.zeros((8, 8), dtype=np.uint8), "BMP")
    header = side.to_bytes(4, "little") * 2
    with pytest.raises(UnreadableImageError, match="pixels"):
        decode(bomb[:18] + header + bomb[26:])


def test_floating_point_pixels_are_unreadable():
    with pytest.raises(UnreadableImageError, match="no stated range"):
        read(Image.fromarray(np.zeros((4, 4), dtype=np.float32)), kind="TIFF")
