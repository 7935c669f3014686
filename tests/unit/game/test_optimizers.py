"""Optimizers: what is built, refused, scheduled and reset."""

import copy
import math

import pytest
import torch
from torch import nn

from gan_zoo.errors import UserError
from gan_zoo.game.optimizers import (
    OPTIONS,
    align_moments,
    build_optimizer,
    learning_rate_factor,
    reset_moments,
)


def make_network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()


def loss_at(network: nn.Module, step: int) -> torch.Tensor:
    inputs = torch.randn(8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(step))
    return (torch.func.functional_call(network, {}, (inputs,)) - inputs.sum(1, keepdim=True)).square().mean()


def take_step(network: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    optimizer.zero_grad()
    loss_at(network, step).backward()
    optimizer.step()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"name": "adma", "lr": 1.0}, "Did you mean 'adam'"),
        ({"lr": 1.0}, "Unknown optimizer"),
        ({"name": "adam"}, "needs lr"),
        ({"name": "adam", "lr": 1.0, "beta": 1}, "Did you mean 'betas'"),
        ({"name": "sgd", "lr": 1.0, "betas": [0.5, 0.9]}, "no parameter 'betas'"),
        ({"name": "adam", "lr": 0.0}, "lr"),
        ({"name": "adam", "lr": "auto"}, "lr"),
        ({"name": "adam", "lr": math.nan}, "lr"),
        ({"name": "adam", "lr": 1.0, "betas": [0.5, 1.0]}, "betas"),
        ({"name": "adam", "lr": 1.0, "betas": [0.5]}, "two numbers"),
        ({"name": "adam", "lr": 1.0, "betas": "auto"}, "two numbers"),
        ({"name": "adam", "lr": 1.0, "eps": 0.0}, "eps"),
        ({"name": "rmsprop", "lr": 1.0, "alpha": 1.0}, "alpha"),
        ({"name": "sgd", "lr": 1.0, "momentum": -0.1}, "momentum"),
        ({"name": "sgd", "lr": 1.0, "weight_decay": -0.1}, "weight_decay"),
    ],
)
def test_bad_configurations_are_refused(config: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        build_optimizer(config, [nn.Parameter(torch.ones(1))])


@pytest.mark.parametrize("name", OPTIONS)
def test_defaults_are_complete_and_fused_where_possible(name: str) -> None:
    optimizer = build_optimizer({"name": name, "lr": 1e-3}, [nn.Parameter(torch.ones(1))])
    group = optimizer.param_groups[0]
    assert {key: group[key] for key in OPTIONS[name]} == OPTIONS[name]
    assert bool(group.get("fused")) == (name != "rmsprop")


@pytest.mark.parametrize("name", OPTIONS)
def test_gradients_and_moments_keep_channels_last_strides(name: str) -> None:
    layer = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    reference = copy.deepcopy(layer).to(memory_format=torch.contiguous_format)
    options = {} if name == "adam" else {"momentum": 0.9}
    optimizers = [
        build_optimizer({"name": name, "lr": 0.1, **options}, n.parameters()) for n in (layer, reference)
    ]
    for step in range(3):
        x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(step))
        for network, optimizer in zip((layer, reference), optimizers, strict=True):
            optimizer.zero_grad()
            network(x).square().sum().backward()
            optimizer.step()
    assert layer.weight.grad.stride() == layer.weight.stride() != reference.weight.stride()
    for value in optimizers[0].state[layer.weight].values():
        if value.dim():
            assert value.stride() == layer.weight.stride()
    torch.testing.assert_close(layer.weight, reference.weight, rtol=1e-4, atol=1e-5)


def test_moments_loaded_with_other_strides_are_aligned() -> None:
    layer = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    optimizer = build_optimizer({"name": "adam", "lr": 0.1}, layer.parameters())
    layer(torch.ones(1, 3, 4, 4)).sum().backward()
    optimizer.step()
    saved = optimizer.state_dict()
    expected = optimizer.state[layer.weight]["exp_avg"].clone()
    for state in saved["state"].values():
        state.update({key: value.contiguous() for key, value in state.items()})
    optimizer.load_state_dict(saved)
    assert optimizer.state[layer.weight]["exp_avg"].stride() != layer.weight.stride()
    align_moments(optimizer)
    assert optimizer.state[layer.weight]["exp_avg"].stride() == layer.weight.stride()
    torch.testing.assert_close(optimizer.state[layer.weight]["exp_avg"], expected)


@pytest.mark.parametrize("name", OPTIONS)
def test_reset_moments_starts_anew(name: str) -> None:
    network, fresh = make_network(), make_network()
    optimizer = build_optimizer({"name": name, "lr": 1e-2}, network.parameters())
    for step in range(3):
        take_step(network, optimizer, step)
    reset_moments(optimizer)
    fresh.load_state_dict(network.state_dict())
    take_step(network, optimizer, 7)
    take_step(fresh, build_optimizer({"name": name, "lr": 1e-2}, fresh.parameters()), 7)
    torch.testing.assert_close(network.state_dict(), fresh.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {0.0: 1.0, 50.0: 1.0, 100.0: 1.0}),
        ({"schedule": "linear"}, {0.0: 1.0, 25.0: 0.75, 100.0: 0.0, 120.0: 0.0}),
        ({"schedule": "linear", "final_factor": 0.5}, {50.0: 0.75, 100.0: 0.5}),
        ({"schedule": "cosine"}, {0.0: 1.0, 50.0: 0.5, 100.0: 0.0, 25.0: 0.5 + 0.25 * math.sqrt(2.0)}),
        ({"warmup_kimg": 10.0}, {0.0: 0.0, 5.0: 0.5, 10.0: 1.0, 99.0: 1.0}),
        ({"schedule": "linear", "warmup_kimg": 20.0}, {10.0: 0.5, 20.0: 1.0, 60.0: 0.5, 100.0: 0.0}),
        ({"final_factor": 0.5}, {0.0: 1.0, 100.0: 1.0}),
    ],
)
def test_learning_rate_factor(config: dict, expected: dict) -> None:
    factor = learning_rate_factor({"lr": 1.0, "name": "adam", **config}, 100.0)
    assert {kimg: factor(kimg) for kimg in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    "config",
    [
        {"schedule": "linaer"},
        {"final_factor": -1.0},
        {"warmup_kimg": -1.0},
        {"warmup_kimg": 100.0},
        {"warmup_kimg": "x"},
    ],
)
def test_bad_schedules_are_refused(config: dict) -> None:
    with pytest.raises(UserError):
        learning_rate_factor(config, 100.0)
