"""The differentiable steps equal torch's optimizers, touch nothing, and have the right gradient."""

import copy

import pytest
import torch
from torch import nn

from gan_zoo.errors import UserError
from gan_zoo.game.optimizers import build_optimizer, functional_step, initial_state

CONFIGS = {
    "adam": {"name": "adam", "lr": 3e-3, "betas": [0.5, 0.9], "eps": 1e-6, "weight_decay": 0.1},
    "adam without momentum": {"name": "adam", "lr": 3e-3, "betas": [0.0, 0.99]},
    "rmsprop": {"name": "rmsprop", "lr": 3e-3, "alpha": 0.9, "weight_decay": 0.1},
    "rmsprop with momentum": {"name": "rmsprop", "lr": 3e-3, "alpha": 0.9, "momentum": 0.8},
    "sgd": {"name": "sgd", "lr": 3e-2, "weight_decay": 0.1},
    "sgd with momentum": {"name": "sgd", "lr": 3e-2, "momentum": 0.9, "weight_decay": 0.1},
}


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


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("warm_steps", [0, 20])
def test_functional_steps_equal_torch_for_25_steps(config: dict, warm_steps: int) -> None:
    network = make_network()
    optimizer = build_optimizer(config, network.parameters())
    for step in range(warm_steps):
        take_step(network, optimizer, step)
    values = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    state = initial_state(optimizer, network.named_parameters())
    for step in range(25):
        take_step(network, optimizer, warm_steps + step)
        gradients = {name: parameter.grad.clone() for name, parameter in network.named_parameters()}
        values, state = functional_step(optimizer, values, gradients, state, config["lr"])
        for name, parameter in network.named_parameters():
            torch.testing.assert_close(values[name], parameter.detach(), rtol=1e-10, atol=1e-12)


def test_functional_adam_equals_fused_adam_in_float32_after_one_step() -> None:
    network = make_network().float()
    optimizer = build_optimizer({"name": "adam", "lr": 1e-3, "betas": [0.5, 0.999]}, network.parameters())
    state = initial_state(optimizer, network.named_parameters())
    values = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    network(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    gradients = {name: parameter.grad for name, parameter in network.named_parameters()}
    values, _ = functional_step(optimizer, values, gradients, state, 1e-3)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(values[name], parameter.detach(), rtol=1e-6, atol=1e-7)


def test_a_look_ahead_touches_neither_parameters_nor_moments() -> None:
    network = make_network()
    optimizer = build_optimizer(CONFIGS["adam"], network.parameters())
    take_step(network, optimizer, 0)
    before = copy.deepcopy((network.state_dict(), optimizer.state_dict()))
    state = initial_state(optimizer, network.named_parameters())
    gradients = {name: torch.ones_like(parameter) for name, parameter in network.named_parameters()}
    for _ in range(3):
        _, state = functional_step(optimizer, dict(network.named_parameters()), gradients, state, 0.1)
    torch.testing.assert_close((network.state_dict(), optimizer.state_dict()), before, rtol=0, atol=0)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("steps", [1, 2])
def test_functional_steps_are_differentiable(config: dict, steps: int) -> None:
    network = make_network()
    optimizer = build_optimizer(config, network.parameters())
    for step in range(20):
        take_step(network, optimizer, step)
    name, parameter = next(iter(network.named_parameters()))
    state = initial_state(optimizer, {name: parameter})

    def ahead(value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        inner = state
        for _ in range(steps):
            curved = {name: gradient * (1.0 + value.square())}  # the next gradient depends on the last value
            stepped, inner = functional_step(optimizer, {name: value}, curved, inner, 0.05)
            value = stepped[name]
        return value

    gradient = torch.linspace(-0.5, 0.7, parameter.numel(), dtype=torch.float64).view_as(parameter)
    inputs = (parameter.detach().clone().requires_grad_(), gradient.requires_grad_())
    assert torch.autograd.gradcheck(ahead, inputs)


@pytest.mark.parametrize("name", ["adam", "rmsprop"])
def test_the_gradient_is_finite_at_a_zero_second_moment(name: str) -> None:
    parameter = nn.Parameter(torch.ones(2))
    optimizer = build_optimizer({"name": name, "lr": 0.1}, [parameter])
    gradient = torch.tensor([0.0, 1.0], requires_grad=True)
    state = initial_state(optimizer, {"w": parameter})
    values, state = functional_step(None, {"w": parameter}, {"w": gradient}, state, 0.1)
    values, _ = functional_step(None, values, {"w": gradient * values["w"]}, state, 0.1)
    for found in torch.autograd.grad(values["w"].sum(), [parameter, gradient]):
        assert found.isfinite().all()
    assert values["w"][0] == 1.0


def test_inner_sgd_is_a_plain_step_whatever_the_optimizer_is() -> None:
    network = make_network()
    optimizer = build_optimizer(CONFIGS["adam"], network.parameters())
    take_step(network, optimizer, 0)
    state = initial_state(optimizer, network.named_parameters(), "sgd")
    gradients = {name: torch.ones_like(parameter) for name, parameter in network.named_parameters()}
    values, state = functional_step(optimizer, dict(network.named_parameters()), gradients, state, 0.25)
    values, _ = functional_step(optimizer, values, gradients, state, 0.25)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(values[name], parameter - 0.5)


def test_parameters_without_gradient_and_their_moments_stay() -> None:
    network = make_network()
    optimizer = build_optimizer(CONFIGS["adam"], network.parameters())
    take_step(network, optimizer, 0)
    state = initial_state(optimizer, network.named_parameters())
    values = dict(network.named_parameters())
    stepped, after = functional_step(optimizer, values, {"0.bias": torch.ones(4).double()}, state, 0.1)
    assert stepped["0.weight"] is values["0.weight"]
    assert after.moments["0.weight"] is state.moments["0.weight"]
    assert not torch.equal(stepped["0.bias"], values["0.bias"])


def test_unknown_inner_rules_are_refused() -> None:
    optimizer = build_optimizer(CONFIGS["sgd"], [nn.Parameter(torch.ones(1))])
    with pytest.raises(UserError, match="Did you mean 'adam'"):
        initial_state(optimizer, {}, "adm")
    with pytest.raises(UserError, match="Adagrad"):
        initial_state(torch.optim.Adagrad([nn.Parameter(torch.ones(1))]), {})
