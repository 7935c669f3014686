"""Minibatch discrimination against a double loop."""

import math

import pytest
import torch

from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.minibatch_discrimination import (
    MinibatchDiscrimination,
    MinibatchDiscriminationStabilizer,
)
from gan_zoo.types import DISCRIMINATOR, GENERATOR


@pytest.mark.parametrize("shape", [(3, 2, 2), (5,)])
def test_equals_the_double_loop(shape: tuple[int, ...]) -> None:
    kernels, dims, batch = 4, 3, 5
    layer = MinibatchDiscrimination(math.prod(shape), kernels, dims).double()
    x = torch.randn(batch, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rows = (x.flatten(1) @ layer.project.weight.detach().T).view(batch, kernels, dims)
    out = layer(x)
    assert out.shape == (batch, shape[0] + kernels, *shape[1:])
    assert torch.equal(out[:, : shape[0]], x)
    for i in range(batch):
        for b in range(kernels):
            expected = sum(
                math.exp(-(rows[i, b] - rows[j, b]).abs().sum().item()) for j in range(batch) if j != i
            )
            torch.testing.assert_close(
                out[i, shape[0] + b].detach(), torch.full(shape[1:], expected, dtype=torch.float64)
            )


def test_copies_of_one_sample_are_as_near_as_can_be() -> None:
    out = MinibatchDiscrimination(6, 7, 2)(torch.ones(4, 6))
    torch.testing.assert_close(out[:, 6:], torch.full((4, 7), 3.0))


def test_a_single_sample_has_no_neighbors() -> None:
    torch.testing.assert_close(MinibatchDiscrimination(6, 7, 2)(torch.ones(1, 6))[:, 6:], torch.zeros(1, 7))


def test_it_is_differentiable_twice() -> None:
    layer = MinibatchDiscrimination(3, 2, 2).double()
    x = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(layer, (x,))
    assert torch.autograd.gradgradcheck(layer, (x,))


def test_distances_stay_in_float32_under_autocast() -> None:
    layer = MinibatchDiscrimination(64)
    x = torch.randn(8, 64, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        rounded = layer(x)
    assert torch.equal(rounded, layer(x))


def test_only_the_discriminator_gets_it() -> None:
    stabilizer = MinibatchDiscriminationStabilizer(kernels=6)
    assert not stabilizer.edit(Recipe(GENERATOR)).statistics
    recipe = stabilizer.edit(Recipe(DISCRIMINATOR))
    for size, shape in ((4, (3, 16, 4, 4)), (0, (3, 16))):
        layers, channels = recipe.statistics_layers(16, size)
        assert channels == 22
        assert layers(torch.ones(shape)).shape[1] == 22


@pytest.mark.parametrize("arguments", [{"kernels": 0}, {"dims": 0}, {"dims": 1.5}])
def test_bad_sizes_are_refused(arguments: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        MinibatchDiscriminationStabilizer(**arguments)
