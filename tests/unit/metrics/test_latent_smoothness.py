"""Latent smoothness: even paths, single jumps, still paths, bad input."""

import math

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import latent_smoothness


def test_a_straight_path_is_ideal_and_a_single_jump_is_the_worst():
    steps = torch.linspace(0.0, 1.0, 9, dtype=torch.float64)[:, None]
    straight = latent_smoothness((steps * torch.tensor([3.0, -4.0]))[None])
    assert straight.mean == pytest.approx(1.0)
    jump = latent_smoothness((steps > 0.3).double()[None])
    assert (jump.mean, jump.worst) == (8.0, 8.0)


def test_a_sharper_step_is_less_smooth():
    steps = torch.linspace(-1.0, 1.0, 17, dtype=torch.float64)[None, :, None]
    ratios = [latent_smoothness((slope * steps).tanh()).mean for slope in (0.1, 1.0, 3.0, 10.0)]
    assert ratios == sorted(ratios)
    assert ratios[0] < 1.01 < 4.0 < ratios[-1]


def test_scale_and_order_of_paths_do_not_matter():
    paths = torch.randn(5, 7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found, other = latent_smoothness(paths), latent_smoothness(100.0 * paths.flip(0) + 5.0)
    assert other.mean == pytest.approx(found.mean)
    assert other.worst == pytest.approx(found.worst)


def test_a_generator_that_ignores_its_latents_stands_still():
    paths = torch.ones(4, 5, 2)
    paths[0, :, 0] = torch.arange(5.0)
    found = latent_smoothness(paths)
    assert (found.still, found.mean) == (0.75, 1.0)
    nothing = latent_smoothness(torch.ones(3, 5, 2) + 1e-8 * torch.randn(3, 5, 2).double())
    assert nothing.still == 1.0
    assert math.isnan(nothing.mean)


def test_refuses_short_paths():
    with pytest.raises(UserError, match="at least 3 points"):
        latent_smoothness(torch.zeros(4, 2, 3))
