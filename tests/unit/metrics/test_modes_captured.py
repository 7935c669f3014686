"""Modes captured: what true samples reach, planted faults, a slow reference, bad input."""

import math

import pytest
import torch

from gan_zoo.data.mixture import on_circle
from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import modes_captured

RING = (on_circle(8, 1.0), 0.01)
LINE = torch.arange(-4.0, 5.0, 2.0, dtype=torch.float64)
GRID = (torch.cartesian_prod(LINE, LINE), 0.05)
SAMPLES = 2500  # the published number


def draw(mixture, samples, seed=0, width=1.0):
    centers, std = mixture
    generator = torch.Generator().manual_seed(seed)
    component = torch.randint(len(centers), (samples,), generator=generator)
    noise = torch.randn(samples, centers.shape[1], generator=generator, dtype=torch.float64)
    return centers[component] + width * std * noise


@pytest.mark.parametrize(
    ("mixture", "floor", "spread"), [(RING, 0.0014, 0.0008), (GRID, 0.0049, 0.0014)], ids=["ring", "grid"]
)
def test_true_samples_reach_the_published_floor(mixture, floor, spread):
    found = [modes_captured(draw(mixture, SAMPLES, seed), *mixture) for seed in range(100)]
    reverse_kl = torch.tensor([each.reverse_kl for each in found])
    assert reverse_kl.mean().item() == pytest.approx(floor, abs=4.0 * spread / 10.0)
    assert reverse_kl.std().item() == pytest.approx(spread, rel=0.4)
    good = sum(each.high_quality for each in found) / len(found)
    assert good == pytest.approx(1.0 - math.exp(-4.5), abs=0.001)
    assert sum(each.std_ratio for each in found) / len(found) == pytest.approx(1.0, abs=0.005)
    assert all(each.modes == each.captured == len(mixture[0]) for each in found)


@pytest.mark.parametrize("width", [0.3, 0.8, 1.0, 1.2, 2.0])
def test_the_standard_deviation_is_that_before_the_cut(width):
    found = modes_captured(draw(GRID, 40_000, width=width), *GRID)
    assert found.std_ratio == pytest.approx(width, rel=0.03)
    assert found.high_quality == pytest.approx(1.0 - math.exp(-4.5 / width**2), abs=0.01)


def test_against_a_slow_reference():
    centers, std = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]], dtype=torch.float64), 0.4
    samples = draw((centers, std), 60, width=1.5)
    by_mode = [[], [], []]
    for sample in samples.tolist():
        distances = [math.dist(sample, center) for center in centers.tolist()]
        nearest = distances.index(min(distances))
        if distances[nearest] < 3.0 * std:
            by_mode[nearest].append(sample)
    counts = [len(members) for members in by_mode]
    share = [count / sum(counts) for count in counts]
    found = modes_captured(samples, centers, std)
    assert found.counts.tolist() == counts
    assert found.high_quality == sum(counts) / 60
    assert found.reverse_kl == pytest.approx(sum(p * math.log(p * 3.0) for p in share))
    assert found.captured == 3


def test_collapse_on_one_mode():
    found = modes_captured(draw((RING[0][:1], 0.01), 1000), *RING)
    assert (found.modes, found.captured) == (1, 1)
    assert found.reverse_kl == math.log(8.0)
    assert found.high_quality > 0.98
    assert found.std_ratio == pytest.approx(1.0, abs=0.05)
    assert found.std_ratios.isnan().tolist() == [False] + [True] * 7


def test_point_masses_have_no_width_wherever_they_lie():
    for shift in (0.0, 0.02):
        found = modes_captured((RING[0] + shift / math.sqrt(2.0)).repeat(50, 1), *RING)
        assert (found.modes, found.high_quality) == (8, 1.0)
        assert found.std_ratio < 1e-3


def test_stray_samples_and_heavy_tails_cost_quality_but_do_not_look_wide():
    generator = torch.Generator().manual_seed(1)
    samples = draw(GRID, 20_000)
    samples[::10] = 12.0 * torch.rand(2000, 2, generator=generator, dtype=torch.float64) - 6.0
    found = modes_captured(samples, *GRID)
    assert found.high_quality == pytest.approx(0.9 * 0.9889 + 0.1 * 25 * math.pi * 0.15**2 / 144, abs=0.005)
    assert found.std_ratio == pytest.approx(1.0, abs=0.03)


def test_a_stray_sample_captures_a_mode_but_does_not_count_as_one():
    samples = torch.cat([RING[0][:1].repeat(1591, 1), RING[0][1:2].repeat(9, 1)])
    found = modes_captured(samples, *RING)
    assert (found.modes, found.captured) == (1, 2)
    samples = torch.cat([RING[0][:1].repeat(1580, 1), RING[0][1:2].repeat(20, 1)])  # n / (10 k) = 20
    assert modes_captured(samples, *RING).modes == 2


def test_a_sample_at_the_radius():
    center, samples = torch.zeros(1, 2), torch.tensor([[0.75, 0.0]])
    assert modes_captured(samples, center, 0.25).captured == 0
    assert modes_captured(samples, center, 0.25, strict=False).captured == 1


def test_no_sample_of_high_quality():
    found = modes_captured(torch.full((10, 2), 50.0), *RING)
    assert (found.modes, found.captured, found.high_quality) == (0, 0, 0.0)
    assert (found.reverse_kl, found.jensen_shannon_divergence) == (math.log(8.0), math.log(2.0))
    assert math.isnan(found.std_ratio)


def test_order_does_not_matter():
    samples = draw(GRID, 500)
    found, again = modes_captured(samples, *GRID), modes_captured(samples.flip(0), *GRID)
    assert found.std_ratio == pytest.approx(again.std_ratio, rel=1e-12)
    assert found.counts.tolist() == again.counts.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": torch.zeros(5, 3)}, r"Samples have 3 coordinates, centers have 2\..*data units"),
        ({"samples": torch.full((5, 2), math.nan)}, "not finite"),
        ({"samples": torch.zeros(0, 2)}, "no values"),
        ({"std": 0.0}, "std: expected a number"),
        ({"radius": -1.0}, "radius: expected a number"),
    ],
)
def test_refuses_bad_input(change, message):
    options = {"samples": torch.zeros(5, 2), "centers": RING[0], "std": 0.01, **change}
    with pytest.raises(UserError, match=message):
        modes_captured(**options)
