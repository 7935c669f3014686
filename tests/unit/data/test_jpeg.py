"""JPEG files that end early: refused, however they end; whole ones are never suspected."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_zoo.data.jpeg import END, ends_early
from gan_zoo.data.pictures import UnreadableImageError, decode
from tests.unit.data import fakes

NOISE = fakes.pixels(0, 48, 48)
SMOOTH = np.asarray(Image.fromarray(fakes.pixels(1, 3, 3)).resize((48, 48)))
GREY = np.full((48, 48, 3), 128, dtype=np.uint8)
PICTURES = {"noise": NOISE, "smooth": SMOOTH, "grey": GREY, "half": np.concatenate([NOISE[:24], GREY[24:]])}
OPTIONS = {
    "baseline": {}, "progressive": {"progressive": True}, "fine": {"quality": 95, "subsampling": 0},
    "optimized": {"optimize": True}, "restarts": {"restart_marker_blocks": 1},
}  # fmt: skip
MODES = ("RGB", "L", "CMYK")
BLOCK = 17  # what is broken in the last block alone, and what it bleeds into, is not promised to be seen


def jpeg(array, mode, options):
    buffer = io.BytesIO()
    Image.fromarray(array).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("array", PICTURES.values(), ids=PICTURES)
def test_whole_files_are_not_suspected(array, options, mode):
    content = jpeg(array, mode, options)
    assert decode(content).size == (48, 48)
    assert decode(content + b"and more").size == (48, 48)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", [OPTIONS[name] for name in OPTIONS if name != "progressive"])
@pytest.mark.parametrize("array", PICTURES.values(), ids=PICTURES)
def test_an_end_marker_does_not_hide_what_is_missing(array, options, mode):
    content = jpeg(array, mode, options)
    whole = np.asarray(decode(content))
    refused = 0
    for cut in range(content.index(b"\xff\xda") + 14, len(content) - 2, 37):
        try:
            image = np.array(decode(content[:cut] + END))
        except UnreadableImageError:
            refused += 1
        else:
            image[-BLOCK:, -BLOCK:] = whole[-BLOCK:, -BLOCK:]
            np.testing.assert_array_equal(image, whole)
    assert refused or array is GREY


def test_a_progressive_file_that_stops_within_a_scan_is_refused():
    content = jpeg(NOISE, "RGB", OPTIONS["progressive"])
    first, *_, last = [at for at in range(len(content)) if content[at : at + 2] == b"\xff\xda"]
    for cut in (first + 60, (first + last) // 2, last + 60):
        with pytest.raises(UnreadableImageError):
            decode(content[:cut] + END)


def test_pil_alone_would_fill_with_grey():
    content = jpeg(NOISE, "RGB", {})
    image = Image.open(io.BytesIO(content[: len(content) // 2] + END))
    assert (np.asarray(image)[-8:] == 128).all()
    assert ends_early(content[: len(content) // 2] + END, image)
    with pytest.raises(UnreadableImageError, match="its data end before the picture does"):
        decode(content[: len(content) // 2] + END)
