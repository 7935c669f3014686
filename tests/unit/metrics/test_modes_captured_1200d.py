"""Modes captured in 1200 dimensions: true samples, point masses, and why the published rule is wrong."""

import sys

import pytest
import torch

from gan_zoo.data.gaussians_1200d import DIMENSIONS, NOISY, SHIFTS
from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import modes_captured_1200d

CENTERS = torch.tensor(SHIFTS)[:, None].expand(-1, DIMENSIONS)


def draw(samples=2000, width=1.0, rest=0.0):
    generator = torch.Generator().manual_seed(0)
    values = CENTERS[torch.arange(samples) % 10].clone()
    values[:, :NOISY] += width * torch.randn(samples, NOISY, generator=generator)
    values[:, NOISY:] += rest * torch.randn(samples, DIMENSIONS - NOISY, generator=generator)
    return values


def test_true_samples_are_good_and_the_published_rule_accepts_none():
    found = modes_captured_1200d(draw(), CENTERS)
    assert (found.modes, found.captured) == (10, 10)
    assert found.high_quality == pytest.approx(0.9973, abs=0.004)
    assert found.std_ratio == pytest.approx(1.0, abs=0.002)
    assert found.rest_rms == 0.0
    assert found.reverse_kl < 1e-4
    assert (found.published_modes, found.published_high_quality) == (0, 0.0)


def test_point_masses_are_seen_by_their_width_only():
    found = modes_captured_1200d(CENTERS.repeat(20, 1), CENTERS)
    assert (found.modes, found.high_quality, found.std_ratio) == (10, 1.0, 0.0)
    assert (found.published_modes, found.published_high_quality) == (10, 1.0)


def test_one_noisy_point_per_mode_has_no_width():
    found = modes_captured_1200d(draw(10).repeat(20, 1), CENTERS)
    assert found.std_ratio < 1e-6


@pytest.mark.parametrize("width", [0.5, 0.8, 1.2])
def test_width_and_rest_are_measured(width):
    found = modes_captured_1200d(draw(width=width, rest=0.1), CENTERS)
    assert found.std_ratio == pytest.approx(width, rel=0.01)
    assert found.rest_rms == pytest.approx(0.1, rel=0.01)


def test_the_rule_is_the_mean_over_coordinates():
    edge = 3.0 * NOISY**0.5 / DIMENSIONS
    for shift, good in ((0.99 * edge, 1.0), (1.01 * edge, 0.0)):
        assert modes_captured_1200d(CENTERS.double() + shift, CENTERS).high_quality == good


def test_blocks_do_not_matter(monkeypatch):
    samples = draw(500)
    whole = modes_captured_1200d(samples, CENTERS)
    module = sys.modules["gan_zoo.metrics.functional.modes_captured_1200d"]
    monkeypatch.setattr(module, "BLOCK", 64)
    parts = modes_captured_1200d(samples, CENTERS)
    assert parts.std_ratio == pytest.approx(whole.std_ratio, rel=1e-12)
    assert parts.counts.tolist() == whole.counts.tolist()


def test_refuses_other_mixtures():
    with pytest.raises(UserError, match="constant over coordinates"):
        modes_captured_1200d(torch.zeros(5, 1200), torch.randn(3, 1200))
    with pytest.raises(UserError, match=r"Samples have 3 coordinates, centers have 1200\..*data units"):
        modes_captured_1200d(torch.zeros(5, 3), CENTERS)
