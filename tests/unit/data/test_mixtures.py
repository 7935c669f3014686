"""Ring, grid and the 1200-dimensional mixture: their definitions, pools, and seeds."""

import math

import pytest
import torch

from gan_zoo.data.gaussians_1200d import Gaussians1200d
from gan_zoo.data.grid import Grid
from gan_zoo.data.mixture import draw_pool
from gan_zoo.data.ring import Ring
from gan_zoo.errors import UserError

SHIFTS = [-1, -0.5, 0, 0.5, -2, -2.5, 10, 0.25, -13, -5.5]


def test_the_ring_has_eight_distinct_modes():
    dataset = Ring(samples=4000, held_out_samples=500).load()
    expected = [(math.cos(2 * math.pi * i / 8), math.sin(2 * math.pi * i / 8)) for i in range(8)]
    torch.testing.assert_close(dataset.modes, torch.tensor(expected), atol=1e-6, rtol=0)
    assert torch.pdist(dataset.modes).min() > 0.7  # a repeated end point would give 0
    distance = torch.cdist(dataset.train.values, dataset.modes)
    assert distance.min(1).values.max() < 0.06
    assert torch.bincount(distance.argmin(1), minlength=8).min() > 400
    assert dataset.mode_std == 0.01


def test_the_defaults_are_pacgan_s():
    for source in (Ring(), Grid()):
        assert source.samples == 100_000
    assert (Ring().std, Grid().std, Ring().radius) == (0.01, 0.05, 1.0)


def test_the_grid_has_twenty_five_modes_within_the_unit_square():
    dataset = Grid(samples=5000, held_out_samples=500).load()
    side = (-4.0, -2.0, 0.0, 2.0, 4.0)
    assert {tuple(mode) for mode in dataset.modes.tolist()} == {(x, y) for x in side for y in side}
    assert len(dataset.modes) == 25
    assert (dataset.modes / dataset.spec.scale).abs().max() == 1.0
    assert (
        torch.bincount(torch.cdist(dataset.train.values, dataset.modes).argmin(1), minlength=25).min() > 120
    )


@pytest.mark.parametrize(("source", "std"), [(Ring, 0.01), (Grid, 0.05)])
def test_the_noise_has_its_standard_deviation(source, std):
    dataset = source(samples=20_000, held_out_samples=10, labels=True).load()
    noise = dataset.train.values - dataset.modes[dataset.train.labels]
    torch.testing.assert_close(noise.std(0), torch.full((2,), std), rtol=0.03, atol=0)
    torch.testing.assert_close(noise.mean(0), torch.zeros(2), rtol=0, atol=std * 0.03)


def test_the_definition_in_1200_dimensions():
    dataset = Gaussians1200d(samples=600, held_out_samples=20, labels=True).load()
    values, labels = dataset.train.values, dataset.train.labels
    shift = torch.tensor(SHIFTS)[labels]
    assert dataset.spec.shape == (1200,)
    assert dataset.spec.scale == 1.0
    assert (values[:, 700:] == shift[:, None]).all()
    noise = values[:, :700] - shift[:, None]
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1.0) < 0.01
    assert (dataset.modes == torch.tensor(SHIFTS)[:, None].expand(-1, 1200)).all()
    assert dataset.mode_std == 1.0


@pytest.mark.parametrize("source", [Ring, Grid, Gaussians1200d])
def test_pools_are_fixed_and_follow_their_own_seed(source):
    size = {"samples": 50, "held_out_samples": 50}
    torch.manual_seed(0)
    first = source(**size).load()
    torch.manual_seed(1)
    assert source(**size).load().fingerprint == first.fingerprint
    assert source(**size, seed=1).load().fingerprint != first.fingerprint
    assert not (first.train.values[:, None] == first.held_out.values).all(-1).any()


def test_networks_see_the_unit_circle():
    assert Ring(radius=2.0, samples=8, held_out_samples=8).load().spec.scale == 2.0


def test_components_are_classes_only_when_asked_for():
    assert Ring(samples=8, held_out_samples=8).load().train.labels is None
    labeled = Ring(samples=8, held_out_samples=8, labels=True).load()
    assert labeled.spec.classes == len(labeled.spec.class_names) == 8


def test_noise_may_be_confined_to_leading_coordinates():
    pool = draw_pool(torch.zeros(1, 5), 1.0, 10, seed=0, split="train", noisy=2)
    assert (pool.values[:, 2:] == 0).all()
    assert (pool.values[:, :2] != 0).all()


@pytest.mark.parametrize(
    "argument", [{"modes": 0}, {"std": 0.0}, {"radius": -1.0}, {"samples": 0}, {"samples": 1.5}, {"seed": -1}]
)
def test_bad_arguments_are_named(argument):
    with pytest.raises(UserError, match=f"data.{next(iter(argument))}"):
        Ring(**argument)
