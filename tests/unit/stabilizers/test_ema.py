"""The average obeys its half-life, however the images are cut into steps."""

import copy

import pytest
import torch
from torch import nn

from gan_zoo.draws import Draws, StochasticLayer, connect_draws
from gan_zoo.stabilizers.base import Progress
from gan_zoo.stabilizers.ema import ExponentialMovingAverage
from gan_zoo.types import DISCRIMINATOR, GENERATOR


def started(ema: ExponentialMovingAverage, generator: nn.Module | None = None) -> nn.Module:
    generator = generator or nn.Linear(3, 2).double()
    ema.start({GENERATOR: generator, DISCRIMINATOR: nn.Linear(1, 1)})
    return generator


@pytest.mark.parametrize("steps", [[1000], [500, 1000], [1, 10, 999, 1000], list(range(8, 1001, 8))])
def test_after_a_half_life_half_of_the_distance_is_left(steps: list[int]) -> None:
    ema = ExponentialMovingAverage(half_life_kimg=1.0, ramp_up=None)
    generator = started(ema)
    before = generator.weight.detach().clone()
    with torch.no_grad():
        generator.weight.add_(2.0)
    for images in steps:
        ema.after_step(GENERATOR, Progress(images, images))
    torch.testing.assert_close(ema.generator.weight.detach(), before + 1.0)


def test_only_steps_of_the_generator_count() -> None:
    ema = ExponentialMovingAverage(1.0, None)
    generator = started(ema)
    with torch.no_grad():
        generator.weight.add_(2.0)
    before = copy.deepcopy(ema.generator.state_dict())
    ema.after_step(DISCRIMINATOR, Progress(500, 500))
    torch.testing.assert_close(ema.generator.state_dict(), before, rtol=0, atol=0)
    ema.after_step(GENERATOR, Progress(1000, 1000))  # five critic steps of images count as one update
    torch.testing.assert_close(ema.generator.weight.detach(), before["weight"] + 1.0)
    ema.after_step(GENERATOR, Progress(1000, 1000))  # no images since: nothing moves
    torch.testing.assert_close(ema.generator.weight.detach(), before["weight"] + 1.0)


def test_the_ramp_up_bounds_the_half_life_and_restarts_with_a_stage() -> None:
    ema = ExponentialMovingAverage(half_life_kimg=10.0, ramp_up=0.05)
    assert ema.beta(Progress(100, 100)) == pytest.approx(0.5 ** (100 / 5.0))
    ema.images = 999_000
    assert ema.beta(Progress(1_000_000, 1_000_000)) == pytest.approx(0.5**0.1)
    assert ema.beta(Progress(1_000_000, 20_000)) == pytest.approx(0.5)
    assert ema.beta(Progress(1_000_000, 0)) == 0.0


def test_buffers_are_copied() -> None:
    generator = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    ema = ExponentialMovingAverage()
    started(ema, generator)
    generator(torch.randn(8, 2))
    ema.after_step(GENERATOR, Progress(8, 8))
    averaged = ema.generator
    torch.testing.assert_close(
        dict(averaged.named_buffers()), dict(generator.named_buffers()), rtol=0, atol=0
    )
    assert averaged[1].num_batches_tracked == 1
    assert averaged[1].running_mean.data_ptr() != generator[1].running_mean.data_ptr()


def test_the_average_is_in_eval_mode_without_gradients_and_leaves_the_networks_alone() -> None:
    ema = ExponentialMovingAverage()
    generator, discriminator = nn.Linear(2, 2), nn.Linear(2, 2)
    before = copy.deepcopy((generator.state_dict(), discriminator.state_dict()))
    state = torch.get_rng_state()
    ema.start({GENERATOR: generator, DISCRIMINATOR: discriminator})
    ema.after_step(GENERATOR, Progress(8, 8))
    assert torch.equal(torch.get_rng_state(), state)
    torch.testing.assert_close((generator.state_dict(), discriminator.state_dict()), before, rtol=0, atol=0)
    assert not ema.generator.training
    assert generator.training
    assert not any(parameter.requires_grad for parameter in ema.generator.parameters())
    assert all(parameter.requires_grad for parameter in generator.parameters())


def test_it_keeps_strides_and_parametrizations() -> None:
    layer = nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 4, 3)).to(memory_format=torch.channels_last)
    layer(torch.randn(1, 3, 4, 4))
    ema = ExponentialMovingAverage()
    started(ema, layer)
    ema.after_step(GENERATOR, Progress(8, 8))
    torch.testing.assert_close(ema.generator.state_dict(), layer.state_dict())
    assert ema.generator.parametrizations.weight.original.is_contiguous(memory_format=torch.channels_last)


def test_stochastic_layers_of_the_copy_share_the_games_draws() -> None:
    generator, draws = nn.Sequential(nn.Linear(2, 2), StochasticLayer()), Draws(0)
    connect_draws(generator, draws, "generator")
    ema = ExponentialMovingAverage()
    started(ema, generator)
    assert ema.generator[1].draws is draws


@pytest.mark.parametrize("load_first", [False, True])
def test_state_can_be_loaded_before_and_after_start(load_first: bool) -> None:
    first, second = ExponentialMovingAverage(), ExponentialMovingAverage()
    generator = started(first)
    with torch.no_grad():
        generator.weight.add_(1.0)
    first.after_step(GENERATOR, Progress(64, 640_000))
    state = first.state_dict()
    if load_first:
        second.load_state_dict(state)
        torch.testing.assert_close(second.state_dict(), state)
    started(second, nn.Linear(3, 2).double())
    if not load_first:
        second.load_state_dict(state)
    assert second.images == 64
    torch.testing.assert_close(second.generator.state_dict(), first.generator.state_dict(), rtol=0, atol=0)
    with torch.no_grad():
        first.generator.weight.zero_()
    assert state["generator"]["weight"].abs().sum() > 0.0  # a state is a copy


@pytest.mark.parametrize("arguments", [{"half_life_kimg": 0.0}, {"half_life_kimg": "10"}, {"ramp_up": 0.0}])
def test_bad_arguments_are_refused(arguments: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        ExponentialMovingAverage(**arguments)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_skipped_step_leaves_the_average_and_a_taken_one_has_the_same_bits(dtype: torch.dtype) -> None:
    averages = [ExponentialMovingAverage(1.0, None) for _ in range(2)]
    generator = nn.Linear(3, 2).to(dtype)
    for ema in averages:
        started(ema, generator)
    skipped, taken = torch.ones(()), torch.zeros(())
    for images in (7, 300, 900):
        with torch.no_grad():
            generator.weight.normal_()
        averages[0].after_step(GENERATOR, Progress(images, images))
        averages[1].after_step(GENERATOR, Progress(images, images, taken))
        before = copy.deepcopy(averages[1].generator.state_dict())
        averages[1].after_step(GENERATOR, Progress(images + 50, images + 50, skipped))
        for ema in averages:
            torch.testing.assert_close(ema.generator.state_dict(), before, rtol=0, atol=0)
            ema.images = images + 50  # the clock goes on
