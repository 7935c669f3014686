"""Steps that can be skipped: torch's own bits where they are taken, none changed where they are not."""

import copy

import pytest
import torch
from torch import Tensor, nn

from gan_zoo.game import skippable_steps
from gan_zoo.game.optimizers import build_optimizer
from gan_zoo.game.skippable_steps import take_step

CASES = {
    "adam": {"name": "adam", "lr": 0.01, "betas": (0.5, 0.9)},
    "adam with decay": {"name": "adam", "lr": 0.01, "weight_decay": 0.1},
    "sgd": {"name": "sgd", "lr": 0.1},
    "sgd with momentum and decay": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    "rmsprop": {"name": "rmsprop", "lr": 0.01},
    "rmsprop with decay": {"name": "rmsprop", "lr": 0.01, "weight_decay": 0.1},
    "rmsprop with momentum": {"name": "rmsprop", "lr": 0.01, "momentum": 0.5, "alpha": 0.9},
}
TAKEN, SKIPPED = torch.zeros(()), torch.ones(())


def weights(dtype: torch.dtype = torch.float32) -> list[nn.Parameter]:
    """Return parameters in several layouts; the last one never gets a gradient."""
    source = torch.Generator().manual_seed(0)
    maps = torch.randn(4, 3, 5, 5, generator=source, dtype=dtype).to(memory_format=torch.channels_last)
    values = [maps, torch.randn(7, 3, generator=source, dtype=dtype), torch.zeros(5, dtype=dtype)]
    return [nn.Parameter(value) for value in (*values, torch.ones((), dtype=dtype))]


def give_gradients(parameters: list[nn.Parameter], step: int, value: float | None = None) -> None:
    source = torch.Generator().manual_seed(step)
    for parameter in parameters[:-1]:
        drawn = torch.randn(parameter.shape, generator=source, dtype=parameter.dtype)
        drawn[drawn < -1.0] = -0.0  # as from units that are off
        parameter.grad = torch.empty_like(parameter).copy_(drawn if value is None else drawn * value)


def contents(optimizer: torch.optim.Optimizer) -> list[dict[str, Tensor]]:
    """Return copies of parameters and moments."""
    owned = optimizer.param_groups[0]["params"]
    return [
        {"itself": p.detach().clone(), **{k: v.clone() for k, v in optimizer.state.get(p, {}).items()}}
        for p in owned
    ]


def assert_equal_bits(found: list[dict[str, Tensor]], expected: list[dict[str, Tensor]]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.keys() == other.keys()
        for key in one:
            assert (one[key].dtype, one[key].stride()) == (other[key].dtype, other[key].stride())
            assert torch.equal(one[key], other[key]), key
            assert torch.equal(one[key].signbit(), other[key].signbit()), key  # zeros too


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("case", CASES)
def test_steps_that_are_taken_are_torchs_own(case: str, dtype: torch.dtype) -> None:
    ours, torchs = (build_optimizer(CASES[case], weights(dtype)) for _ in range(2))
    for step in range(4):
        for optimizer in (ours, torchs):
            optimizer.param_groups[0]["lr"] = 0.01 / (step + 1)
            give_gradients(optimizer.param_groups[0]["params"], step)
        take_step(ours, TAKEN)
        torchs.step()
        assert_equal_bits(contents(ours), contents(torchs))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.0])
@pytest.mark.parametrize("case", CASES)
def test_a_skipped_step_changes_no_bit(case: str, value: float) -> None:
    optimizer = build_optimizer(CASES[case], parameters := weights())
    for step in range(2):
        give_gradients(parameters, step)
        take_step(optimizer, TAKEN)
    before = contents(optimizer)
    give_gradients(parameters, 7, value)
    take_step(optimizer, SKIPPED)
    assert_equal_bits(contents(optimizer), before)


@pytest.mark.parametrize("case", CASES)
def test_what_follows_a_skipped_first_step_is_a_first_step(case: str) -> None:
    skipping, fresh = (build_optimizer(CASES[case], weights()) for _ in range(2))
    give_gradients(skipping.param_groups[0]["params"], 7, float("nan"))
    take_step(skipping, SKIPPED)
    for step in range(3):
        for optimizer in (skipping, fresh):
            give_gradients(optimizer.param_groups[0]["params"], step)
            take_step(optimizer, TAKEN)
    assert_equal_bits(contents(skipping), contents(fresh))


@pytest.mark.parametrize("case", CASES)
def test_a_state_that_torchs_own_steps_left_can_be_gone_on_with(case: str) -> None:
    torchs, ours = (build_optimizer(CASES[case], weights()) for _ in range(2))
    for step in range(2):
        give_gradients(torchs.param_groups[0]["params"], step)
        torchs.step()
    for one, other in zip(ours.param_groups[0]["params"], torchs.param_groups[0]["params"], strict=True):
        one.data.copy_(other.data)
    ours.load_state_dict(copy.deepcopy(torchs.state_dict()))
    for optimizer, act in ((torchs, torchs.step), (ours, lambda: take_step(ours, TAKEN))):
        give_gradients(optimizer.param_groups[0]["params"], 5)
        act()
    assert_equal_bits(contents(ours), contents(torchs))


@pytest.mark.parametrize("case", CASES)
def test_devices_without_these_kernels_skip_as_well(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skippable_steps, "WITH_KERNELS", ())
    optimizer = build_optimizer(CASES[case], parameters := weights())
    give_gradients(parameters, 0)
    take_step(optimizer, TAKEN)
    before = contents(optimizer)
    give_gradients(parameters, 1, float("nan"))
    take_step(optimizer, SKIPPED)
    assert_equal_bits(contents(optimizer), before)
    assert not torch.equal(before[1]["itself"], weights()[1])
