"""MS-SSIM against a slow reference by loops, its laws, diversity within and over classes, bad input."""

import math
import sys

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import (
    ms_ssim,
    ms_ssim_by_class,
    ms_ssim_diversity,
    share_of_collapsed_classes,
)
from gan_zoo.metrics.labels import random_pairs


def images(count, channels=1, height=32, width=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, channels, 4, 4, generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    noise = torch.rand(smooth.shape, generator=generator)
    return (255.0 * (0.8 * smooth + 0.2 * noise)).round().byte()


def slow_ms_ssim(first, second):
    """One pair `[C, H, W]` by the textbook: windows one by one."""
    first, second, result = first.double(), second.double(), 1.0
    for scale, weight in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        height, width = first.shape[1:]
        size = min(11, height, width)
        axis = torch.arange(size).double() - (size - 1) / 2.0
        window = torch.exp(-(axis[:, None] ** 2 + axis**2) / (2.0 * (1.5 * size / 11.0) ** 2))
        window /= window.sum()
        values = []
        for channel in range(first.shape[0]):
            for row in range(height - size + 1):
                for column in range(width - size + 1):
                    place = (channel, slice(row, row + size), slice(column, column + size))
                    x, y = first[place], second[place]
                    mean_x, mean_y = (window * x).sum(), (window * y).sum()
                    var_x, var_y = (window * (x - mean_x) ** 2).sum(), (window * (y - mean_y) ** 2).sum()
                    covariance = (window * (x - mean_x) * (y - mean_y)).sum()
                    value = (2.0 * covariance + 58.5225) / (var_x + var_y + 58.5225)
                    if scale == 4:
                        value *= (2.0 * mean_x * mean_y + 6.5025) / (mean_x**2 + mean_y**2 + 6.5025)
                    values.append(value.item())
        result *= max(0.0, sum(values) / len(values)) ** weight
        first, second = halved(first), halved(second)
    return result


def halved(image):
    height, width = image.shape[1:]
    result = image.new_zeros(image.shape[0], math.ceil(height / 2), math.ceil(width / 2))
    for row in range(result.shape[1]):
        for column in range(result.shape[2]):
            pixels = image[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            result[:, row, column] = pixels.mean(dim=(1, 2))
    return result


@pytest.mark.parametrize(("channels", "height", "width"), [(3, 32, 32), (1, 28, 28), (1, 21, 34)])
def test_against_a_slow_reference(channels, height, width):
    first, second = images(1, channels, height, width), images(1, channels, height, width, seed=1)
    mixed = (0.7 * first.float() + 0.3 * second.float()).round().byte()
    for other in (mixed, second):
        expected = slow_ms_ssim(first[0], other[0])
        assert ms_ssim(first, other).item() == pytest.approx(expected, abs=1e-12)


def test_equal_images_are_1_and_pairs_are_symmetric():
    first, second = images(6, 3), images(6, 3, seed=1)
    assert ms_ssim(first, first).tolist() == [1.0] * 6
    torch.testing.assert_close(ms_ssim(first, second), ms_ssim(second, first))
    assert ms_ssim(torch.zeros_like(first), torch.zeros_like(first)).tolist() == [1.0] * 6


def test_noise_makes_images_less_similar():
    first = images(4)
    noise = torch.randn(first.shape, generator=torch.Generator().manual_seed(0))
    found = [
        ms_ssim(first, (first + level * noise).clamp(0, 255).byte()).mean().item() for level in (2, 10, 40)
    ]
    assert found == sorted(found, reverse=True)
    assert 0.0 < found[-1] < 0.9 < found[0] < 1.0


def test_diversity_falls_under_collapse():
    real = images(40)
    found = [ms_ssim_diversity(real[torch.arange(40) % unique], 200) for unique in (40, 10, 3, 1)]
    assert found == sorted(found)
    assert found[-1] == 1.0


def test_classes_are_measured_apart():
    same, different = images(1).repeat(10, 1, 1, 1), images(10, seed=1)
    both, labels = torch.cat([same, different]), torch.tensor([4] * 10 + [7] * 10)
    by_class = ms_ssim_by_class(both, labels, 20)
    assert set(by_class) == {4, 7}
    assert by_class[4] == 1.0 > by_class[7]
    assert ms_ssim_diversity(both, 20, labels) == pytest.approx((1.0 + by_class[7]) / 2.0)
    assert ms_ssim_diversity(both, 200) < ms_ssim_diversity(both, 20, labels)
    assert share_of_collapsed_classes(by_class, {4: 0.3, 7: by_class[7]}) == 0.5


def test_blocks_do_not_matter(monkeypatch):
    first, second = images(7), images(7, seed=1)
    whole = ms_ssim(first, second)
    monkeypatch.setattr(sys.modules["gan_zoo.metrics.functional.ms_ssim"], "BLOCK_VALUES", 2048)
    torch.testing.assert_close(ms_ssim(first, second), whole, rtol=1e-12, atol=0.0)


def test_pairs_are_of_different_samples():
    apart = random_pairs(10, 5)
    assert sorted(apart.flatten().tolist()) == list(range(10))
    many = random_pairs(5, 4000)
    assert (many[:, 0] != many[:, 1]).all()
    counts = torch.bincount(5 * many[:, 0] + many[:, 1], minlength=25).view(5, 5)
    assert counts.fill_diagonal_(200).min() > 140
    assert torch.equal(many, random_pairs(5, 4000))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ms_ssim(images(2), images(3)), "as many first as second"),
        (lambda: ms_ssim(images(2), images(2, channels=3)), "Grey against color"),
        (lambda: ms_ssim(images(2).float(), images(2)), "uint8 in 0..255"),
        (lambda: ms_ssim_diversity(images(4, height=16, width=16), 2), "at least 17 pixels, got 16x16"),
        (lambda: ms_ssim_diversity(images(1), 2), "needs 2 samples"),
        (lambda: ms_ssim_diversity(images(4), 0), "pairs: expected at least 1"),
        (lambda: ms_ssim_by_class(images(4), None), "no labels"),
        (lambda: ms_ssim_by_class(images(4), torch.tensor([0, 0, 0, 1])), "Class 1 has 1 sample"),
        (lambda: ms_ssim_by_class(images(4), torch.tensor([0, 1])), "one for each of 4"),
        (lambda: ms_ssim_by_class(images(2), torch.tensor([0.5, 1.0])), "got 0.5"),
    ],
)
def test_refuses_bad_input(call, message):
    with pytest.raises(UserError, match=message):
        call()
