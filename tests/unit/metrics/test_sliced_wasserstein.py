"""The sliced Wasserstein distance: its floor, what it sees at which level, shifts, batches, bad input."""

import sys

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics import METRICS
from gan_zoo.metrics.functional import sliced_wasserstein, sliced_wasserstein_floor
from gan_zoo.metrics.functional.sliced_wasserstein import compare_patches, sliced_distance
from gan_zoo.metrics.patches import PatchDescriptors

FEW = {"patches_per_image": 16, "directions": 64}


def noise(count=64, channels=3, size=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, channels, size, size), generator=generator).byte()


def blobs(count=64, size=32, seed=0):
    coarse = torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic")
    return (255.0 * smooth).clamp(0, 255).round().byte()


def test_equal_sets_are_at_distance_0_and_the_floor_is_that_of_the_original():
    images = noise()
    found = sliced_wasserstein(images, images, **FEW)
    assert found.levels == {32: 0.0, 16: 0.0}
    floor = sliced_wasserstein_floor(images)  # 64 images of 32 px against themselves: 19 to 20 as published
    assert list(floor.levels) == [32, 16]
    assert all(18.0 < value < 21.5 for value in floor.levels.values())
    assert floor.mean == pytest.approx(sum(floor.levels.values()) / 2.0)


def test_texture_is_seen_at_the_fine_level_and_layout_at_the_coarse_one():
    real, floor = blobs(), sliced_wasserstein(blobs(), blobs(seed=1), **FEW)
    speckled = real.clone()
    speckled[:, :, ::2, ::2] //= 2
    texture = sliced_wasserstein(real, speckled, **FEW)
    assert texture.levels[32] > 3.0 * floor.levels[32]
    assert texture.levels[32] > 3.0 * texture.levels[16]
    shaded = real // 2 + torch.linspace(0.0, 127.0, 32).byte()
    layout = sliced_wasserstein(real, shaded, **FEW)
    assert layout.levels[16] > 1.5 * floor.levels[16]
    assert layout.levels[16] > 1.5 * layout.levels[32]


def test_brightness_and_contrast_are_not_seen():
    dark = noise(32, 1) // 4
    bright = 2 * dark + 60
    assert sliced_wasserstein(dark, bright, **FEW).mean < 0.05


def test_a_collapsed_set_is_far_away():
    real, fake = blobs(), blobs(seed=1)
    found = [sliced_wasserstein(real, fake[torch.arange(64) % unique], **FEW).mean for unique in (64, 4, 1)]
    assert found == sorted(found)
    assert found[-1] > 1.5 * found[0]
    assert np.isfinite(sliced_wasserstein(real, torch.zeros_like(real), **FEW).mean)


def test_grey_images_give_what_their_color_copies_give():
    real, fake = blobs(), blobs(seed=1)
    grey = sliced_wasserstein(real, fake, patches_per_image=32)
    color = sliced_wasserstein(real.repeat(1, 3, 1, 1), fake.repeat(1, 3, 1, 1), patches_per_image=32)
    assert grey.mean == pytest.approx(color.mean, rel=0.06)


def test_a_shift_is_measured_exactly():
    generator = torch.Generator().manual_seed(0)
    points, along = torch.randn(500, 9, generator=generator), torch.randn(20, 9, generator=generator)
    shift = torch.randn(9, generator=generator)
    expected = (along @ shift).abs().mean().item()
    shuffled = (points + shift)[torch.randperm(500, generator=generator)]
    assert sliced_distance(points, shuffled, along) == pytest.approx(expected, rel=1e-5)


def test_against_a_loop_over_directions(monkeypatch):
    module = sys.modules["gan_zoo.metrics.functional.sliced_wasserstein"]
    monkeypatch.setattr(module, "BLOCK_VALUES", 130)  # two directions at once
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(60, 5, generator=generator), torch.rand(60, 5, generator=generator)
    along = torch.randn(7, 5, generator=generator)
    expected = np.mean([np.abs(np.sort(first @ each) - np.sort(second @ each)).mean() for each in along])
    assert sliced_distance(first, second, along) == pytest.approx(expected, rel=1e-6)


def test_patches_do_not_depend_on_batches():
    images = noise(300, 1, 24)
    whole, parts = (PatchDescriptors(4, minimum_size=12) for _ in range(2))
    whole.add(images)
    for batch in images.split([1, 30, 229, 40]):
        parts.add(batch)
    assert whole.levels() == parts.levels() == (24, 12)
    for level in whole.levels():
        assert torch.equal(whole.standardized(level), parts.standardized(level))
    assert compare_patches(whole, parts, 8).mean == 0.0


def test_patches_are_cut_evenly_and_standardized():
    images = torch.arange(12 * 12).view(1, 1, 12, 12).repeat(2000, 1, 1, 1).byte()
    patches = PatchDescriptors(4, patch_size=5, minimum_size=8)
    patches.add(images)
    (raw,) = patches._levels[12]
    corners = torch.bincount(raw[:, 0].long(), minlength=144).view(12, 12)
    assert corners[:8, :8].min() > 80
    assert corners.sum() == corners[:8, :8].sum() == 8000
    assert torch.equal(raw[:, 6] - raw[:, 0], torch.full((8000,), 13.0))  # one down, one right
    found = patches.standardized(12)
    assert found.mean().item() == pytest.approx(0.0, abs=1e-5)
    assert found.std(correction=0).item() == pytest.approx(1.0, abs=1e-5)


def test_the_generator_decides():
    real, fake = blobs(16), blobs(16, seed=1)
    first = sliced_wasserstein(real, fake, generator=torch.Generator().manual_seed(3), **FEW)
    again = sliced_wasserstein(real, fake, generator=torch.Generator().manual_seed(3), **FEW)
    assert first == again != sliced_wasserstein(real, fake, **FEW)


def test_small_and_odd_images_have_one_level():
    assert list(sliced_wasserstein(noise(8, 1, 8), noise(8, 1, 8, 1), **FEW).levels) == [8]
    assert list(sliced_wasserstein(noise(8, 1, 28), noise(8, 1, 28, 1), **FEW).levels) == [28]
    assert list(sliced_wasserstein(noise(8, 1, 31), noise(8, 1, 31, 1), **FEW).levels) == [31, 16]


@pytest.mark.parametrize(
    ("real", "fake", "options", "message"),
    [
        (noise(4), noise(5), {}, "Take the first 4"),
        (noise(4), noise(4, channels=1), {}, "Grey against color"),
        (noise(4, size=6), noise(4, size=6), {}, "larger images than 6x6"),
        (noise(4).float(), noise(4), {}, "uint8 in 0..255"),
        (noise(4), noise(4), {"patches_per_image": 0}, "patches_per_image"),
        (noise(4), noise(4), {"directions": 0}, "directions"),
        (noise(4), noise(4), {"minimum_size": 5}, "minimum_size"),
    ],
)
def test_refuses_bad_input(real, fake, options, message):
    with pytest.raises(UserError, match=message):
        sliced_wasserstein(real, fake, **options)


def test_refuses_patches_of_different_sets():
    first, second = PatchDescriptors(2), PatchDescriptors(2)
    first.add(noise(4))
    second.add(noise(5))
    with pytest.raises(UserError, match="equally many images"):
        compare_patches(first, second)
    with pytest.raises(UserError, match="differ in form"):
        first.add(noise(4, channels=1))


def test_all_defaults_are_seed_0():
    real, fake = blobs(16), blobs(16, seed=1)
    found = sliced_wasserstein(real, fake, **FEW)
    assert found == sliced_wasserstein(real, fake, generator=torch.Generator().manual_seed(0), **FEW)
    metric = METRICS.build("sliced_wasserstein", **FEW)
    metric.update(real=real, fake=fake)
    assert metric.compute() == found
