"""Spectral normalization: sigma against a singular value decomposition."""

import copy

import pytest
import torch
from torch import nn

from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.spectral_norm import SpectralNormStabilizer
from gan_zoo.types import DISCRIMINATOR, GENERATOR

RECIPE = SpectralNormStabilizer().edit(Recipe(DISCRIMINATOR))


def sigma(layer: nn.Module) -> float:
    weight = layer.weight.detach()
    if isinstance(layer, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)  # [out, in, k, k]
    return torch.linalg.svdvals(weight.flatten(1))[0].item()


@pytest.mark.parametrize("kind", ["conv", "conv_transpose", "linear", "embedding"])
def test_sigma_is_one_after_some_iterations(kind: str) -> None:
    torch.manual_seed(0)
    sizes = (6, 5, 3) if kind.startswith("conv") else (6, 5)
    layer = getattr(RECIPE, kind)(*sizes)
    for _ in range(100):
        _ = layer.weight  # each use in training mode is one iteration
    assert sigma(layer) == pytest.approx(1.0, abs=1e-4)


def test_the_estimate_persists_and_rests_in_eval_mode() -> None:
    torch.manual_seed(0)
    layer = RECIPE.linear(20, 30)
    state = copy.deepcopy(layer.state_dict())
    assert {"parametrizations.weight.0._u", "parametrizations.weight.0._v"} <= set(state)
    norm, before = layer.parametrizations.weight[0], state["parametrizations.weight.0._u"]
    layer.eval()(torch.ones(1, 20))
    assert torch.equal(norm._u, before)
    layer.train()(torch.ones(1, 20))
    assert not torch.equal(norm._u, before)


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_autocast_does_not_round_the_estimate(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a GPU: on the CPU autocast leaves torch.mv alone, on a GPU it would round")
    torch.manual_seed(0)
    layer = RECIPE.linear(64, 64).to(device)
    twin = copy.deepcopy(layer)
    with torch.autocast(device, torch.bfloat16):
        rounded = layer.weight
    assert torch.equal(rounded, twin.weight)
    assert torch.equal(layer.parametrizations.weight[0]._u, twin.parametrizations.weight[0]._u)


def test_the_gradient_treats_u_and_v_as_constants() -> None:
    torch.manual_seed(0)
    layer = RECIPE.linear(4, 3).double().eval()
    norm, original = layer.parametrizations.weight[0], layer.parametrizations.weight.original
    found = torch.autograd.grad(layer.weight[0, 0], original)[0]
    u, v = norm._u, norm._v
    value = torch.dot(u, original @ v).detach()
    expected = -original.detach()[0, 0] / value**2 * torch.outer(u, v)
    expected[0, 0] += 1.0 / value
    torch.testing.assert_close(found, expected)


def test_only_the_chosen_player_gets_it() -> None:
    stabilizer = SpectralNormStabilizer()
    assert stabilizer.changed(stabilizer.edit(Recipe(DISCRIMINATOR)).linear(2, 2), DISCRIMINATOR)
    assert not stabilizer.changed(stabilizer.edit(Recipe(GENERATOR)).linear(2, 2), GENERATOR)


@pytest.mark.parametrize("arguments", [{"n_power_iterations": 0}, {"eps": 0.0}, {"players": ["critic"]}])
def test_bad_arguments_are_refused(arguments: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        SpectralNormStabilizer(**arguments)
