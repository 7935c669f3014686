"""Equalized learning rate: scaled weights, unscaled bias, signals of unit size at any width."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F

from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.equalized_lr import EqualizedLearningRate, EqualizedScale
from gan_zoo.types import DISCRIMINATOR, GENERATOR

RECIPE = EqualizedLearningRate().edit(Recipe(GENERATOR))  # whose own initialization leaves a random bias


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_weights_are_scaled_and_biases_are_not() -> None:
    layer = RECIPE.conv(6, 4, 3, gain=1.7)
    original = layer.parametrizations.weight.original
    assert set(dict(layer.named_parameters())) == {"bias", "parametrizations.weight.original"}
    assert torch.equal(layer.bias, torch.zeros(4))
    with torch.no_grad():
        layer.bias.fill_(3.0)
    x = torch.randn(2, 6, 5, 5)
    expected = F.conv2d(x, original * (1.7 / math.sqrt(6 * 9)), padding=1) + 3.0
    torch.testing.assert_close(layer(x), expected)


def test_the_learned_weights_are_standard_normal() -> None:
    original = RECIPE.linear(400, 400).parametrizations.weight.original
    assert original.mean().abs() < 0.01
    assert abs(original.std() - 1.0) < 0.01


@pytest.mark.parametrize("width", [16, 128, 1024])
def test_the_output_has_unit_variance_at_any_width(width: int) -> None:
    for layer, x in (
        (RECIPE.linear(width, 256, gain=1.0), torch.randn(256, width)),
        (RECIPE.conv(width, 64, 3, padding=0, gain=1.0), torch.randn(64, width, 3, 3)),
        (RECIPE.conv_transpose(width, 64, 4, stride=2, padding=1, gain=1.0), torch.randn(8, width, 8, 8)),
    ):
        out = layer(x)
        if out.dim() == 4 and out.shape[-1] > 4:
            out = out[..., 2:-2, 2:-2]  # borders of a transposed convolution add up fewer terms
        assert out.var().item() == pytest.approx(1.0, abs=0.15)


def test_a_step_of_adam_changes_every_layer_by_the_same_share() -> None:
    layers = [RECIPE.linear(width, 8) for width in (10, 1000)]
    shares = []
    for layer in layers:
        before = layer.weight.detach().clone()
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3)
        layer(torch.randn(4, before.shape[1])).square().sum().backward()
        optimizer.step()
        shares.append((layer.weight.detach() - before).abs().mean() / before.std())
    torch.testing.assert_close(shares[0], shares[1], rtol=0.2, atol=0.0)


def test_embeddings_are_scaled_too_and_weights_can_be_set() -> None:
    table = RECIPE.embedding(10, 8)
    assert isinstance(table.parametrizations.weight[0], EqualizedScale)
    table.weight = torch.ones(8, 10)
    torch.testing.assert_close(table.weight, torch.ones(8, 10))
    twin = copy.deepcopy(table)
    torch.testing.assert_close(twin.weight, table.weight)


def test_the_learned_weight_keeps_channels_last_strides() -> None:
    layer = RECIPE.conv(6, 4, 3).to(memory_format=torch.channels_last)
    assert layer.weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("players", [[GENERATOR], [DISCRIMINATOR], [DISCRIMINATOR, GENERATOR]])
def test_players_are_chosen(players: list[str]) -> None:
    stabilizer = EqualizedLearningRate(players)
    for role in (GENERATOR, DISCRIMINATOR):
        layer = stabilizer.edit(Recipe(role)).linear(2, 2)
        assert stabilizer.changed(layer, role) == (role in players)


@pytest.mark.parametrize("players", ["generator", [], ["generatr"]])
def test_bad_players_are_refused(players: object) -> None:
    with pytest.raises(UserError, match="generator"):
        EqualizedLearningRate(players)
