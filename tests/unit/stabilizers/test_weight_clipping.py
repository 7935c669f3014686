"""Weight clipping: bounds with and without normalization, and their differentiable form."""

import math

import pytest
import torch
from torch import nn

from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import Progress
from gan_zoo.stabilizers.equalized_lr import EqualizedLearningRate
from gan_zoo.stabilizers.weight_clipping import WeightClipping
from gan_zoo.types import DISCRIMINATOR, GENERATOR

AFTER = Progress(8, 8)


def make(normalization: str = "none", recipe: Recipe | None = None) -> nn.Module:
    recipe = recipe or Recipe(DISCRIMINATOR, normalization=normalization)
    return nn.Sequential(
        recipe.hidden(recipe.conv(3, 8, 3), 8),
        recipe.hidden(recipe.conv_transpose(8, 4, 4, stride=2), 4),
        nn.Flatten(),
        recipe.linear(400, 1),
    )


def grown(network: nn.Module) -> dict[str, torch.Tensor]:
    """Set all parameters to +-100 in turn and return them by name."""
    with torch.no_grad():
        for parameter in network.parameters():
            signs = torch.arange(parameter.numel(), dtype=torch.float32).view_as(parameter) % 2
            parameter.copy_(100.0 * (2.0 * signs - 1.0))
    return dict(network.named_parameters())


def largest(network: nn.Module) -> dict[str, float]:
    return {name: parameter.abs().max().item() for name, parameter in network.named_parameters()}


@pytest.mark.parametrize("normalization", ["batch", "group", "instance"])
def test_with_normalization_every_parameter_is_bounded_by_0_01(normalization: str) -> None:
    network, clipping = make(normalization), WeightClipping()
    clipping.start({DISCRIMINATOR: network})
    assert max(largest(network).values()) <= 0.01 + 1e-9  # already before the first step
    grown(network)
    clipping.after_step(GENERATOR, AFTER)
    assert min(largest(network).values()) == 100.0
    clipping.after_step(DISCRIMINATOR, AFTER)
    assert set(largest(network).values()) == {torch.tensor(0.01).item()}
    assert min(parameter.min().item() for parameter in network.parameters()) < 0.0


def test_without_normalization_weights_are_bounded_relative_to_he() -> None:
    network, clipping = make(), WeightClipping()
    clipping.start({DISCRIMINATOR: network})
    grown(network)
    clipping.after_step(DISCRIMINATOR, AFTER)
    expected = {
        "0.0.weight": 0.5 * math.sqrt(2.0 / 27),
        "1.0.weight": 0.5 * math.sqrt(2.0 / 32),  # stride 2: each output sees 4 of the 16 taps of 8 channels
        "3.weight": 0.5 * math.sqrt(2.0 / 400),
        "0.0.bias": 0.5,
        "1.0.bias": 0.5,
        "3.bias": 0.5,
    }
    assert largest(network) == pytest.approx(expected)


def test_equalized_weights_are_bounded_in_their_own_unit() -> None:
    recipe = EqualizedLearningRate().edit(Recipe(DISCRIMINATOR))
    network, clipping = make(recipe=recipe), WeightClipping(limit=0.25)
    clipping.start({DISCRIMINATOR: network})
    grown(network)
    clipping.after_step(DISCRIMINATOR, AFTER)
    assert set(largest(network).values()) == {0.25}
    absolute = WeightClipping(limit=0.01, relative=False)
    absolute.start({DISCRIMINATOR: network})
    torch.testing.assert_close(network[3].weight.abs().max().item(), 0.01)  # the weight that acts


@pytest.mark.parametrize(("normalization", "relative"), [("none", False), ("batch", True)])
def test_relative_can_be_chosen(normalization: str, relative: bool) -> None:
    network, clipping = make(normalization), WeightClipping(limit=0.1, relative=relative)
    clipping.start({DISCRIMINATOR: network})
    grown(network)
    clipping.after_step(DISCRIMINATOR, AFTER)
    expected = 0.1 * math.sqrt(2.0 / 27) if relative else 0.1
    assert largest(network)["0.0.weight"] == pytest.approx(expected)


def test_a_relative_bound_lets_the_gradient_through() -> None:
    torch.manual_seed(0)
    sizes = {}
    for relative in (True, False):
        recipe = Recipe(DISCRIMINATOR, initialization="he")
        hidden = [recipe.hidden(recipe.linear(64, 64), 64, dims=0) for _ in range(5)]
        network = nn.Sequential(*hidden, recipe.linear(64, 1))
        WeightClipping(relative=relative).start({DISCRIMINATOR: network})
        x = torch.randn(16, 64, requires_grad=True)
        sizes[relative] = torch.autograd.grad(network(x).sum(), x)[0].norm(dim=1).mean().item()
    assert sizes[True] > 1e-3
    assert sizes[False] < 1e-5


def test_constrain_is_a_clamp_whose_gradient_stops_at_the_bound() -> None:
    network, clipping = make("batch"), WeightClipping()
    clipping.start({DISCRIMINATOR: network})
    weight = torch.tensor([0.005, 3.0, -3.0], requires_grad=True)
    held = clipping.constrain("0.0.bias", weight)
    torch.testing.assert_close(held, torch.tensor([0.005, 0.01, -0.01]))
    assert torch.equal(torch.autograd.grad(held.sum(), weight)[0], torch.tensor([1.0, 0.0, 0.0]))


@pytest.mark.parametrize(
    "arguments", [{"limit": 0.0}, {"limit": "atuo"}, {"relative": "yes"}, {"relative": 1}]
)
def test_bad_arguments_are_refused(arguments: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        WeightClipping(**arguments)
