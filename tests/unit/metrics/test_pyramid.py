"""Laplacian pyramids against scipy's mirrored convolutions."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from gan_zoo.metrics.pyramid import expansion, laplacian_pyramid, reduction

KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256.0


def down(image):
    return ndimage.convolve(image, KERNEL, mode="mirror")[::2, ::2]


def up(image, shape):
    wide = np.zeros(shape)
    wide[::2, ::2] = image
    return ndimage.convolve(wide, 4.0 * KERNEL, mode="mirror")


@pytest.mark.parametrize("shape", [(32, 32), (28, 28), (21, 30)])
def test_against_scipy(shape):
    image = np.random.default_rng(0).uniform(0.0, 255.0, shape)
    first, second, last = laplacian_pyramid(torch.from_numpy(image)[None, None], min(shape) // 4)
    half = down(image)
    np.testing.assert_allclose(first[0, 0], image - up(half, shape), atol=1e-10)
    np.testing.assert_allclose(second[0, 0], half - up(down(half), half.shape), atol=1e-10)
    np.testing.assert_allclose(last[0, 0], down(half), atol=1e-10)


def test_levels_add_up_to_the_image():
    image = torch.rand(2, 3, 64, 48, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    levels = laplacian_pyramid(image, 12)
    assert [level.shape[-2:] for level in levels] == [(64, 48), (32, 24), (16, 12)]
    found = levels[-1]
    for level in reversed(levels[:-1]):
        height, width = level.shape[-2:]
        found = level + expansion(height) @ found @ expansion(width).T
    torch.testing.assert_close(found, image)


def test_a_constant_image_has_no_detail():
    fine, coarse = laplacian_pyramid(torch.full((1, 1, 32, 32), 7.0), 16)
    torch.testing.assert_close(fine, torch.zeros_like(fine), rtol=0.0, atol=1e-5)
    torch.testing.assert_close(coarse, torch.full_like(coarse, 7.0))
    assert reduction(32).shape == (16, 32)
    assert expansion(31).shape == (31, 16)
