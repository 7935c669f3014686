"""Minibatch standard deviation against a loop."""

import math

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.minibatch_stddev import MinibatchStddev, MinibatchStddevStabilizer
from gan_zoo.types import DISCRIMINATOR, GENERATOR


def slow_reference(x: torch.Tensor, group_size: int) -> list[float]:
    """One number per sample, by loops over groups and positions."""
    batch = len(x)
    group = min(group_size or batch, batch)
    apart = batch // group
    result = [0.0] * batch
    for start in range(apart):
        members = [start + k * apart for k in range(group)]
        deviations = []
        for position in range(x[0].numel()):
            values = [x[member].flatten()[position].item() for member in members]
            mean = sum(values) / group
            deviations.append(math.sqrt(sum((value - mean) ** 2 for value in values) / group + 1e-8))
        for member in members:
            result[member] = sum(deviations) / len(deviations)
    return result


@pytest.mark.parametrize(("batch", "group_size"), [(8, 4), (12, 4), (4, 4), (3, 4), (8, 0), (6, 2), (1, 4)])
@pytest.mark.parametrize("shape", [(3, 2, 2), (5,)])
def test_equals_the_loop(batch: int, group_size: int, shape: tuple[int, ...]) -> None:
    x = torch.randn(batch, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    out = MinibatchStddev(group_size)(x)
    assert out.shape == (batch, shape[0] + 1, *shape[1:])
    assert torch.equal(out[:, :-1], x)  # the statistic comes last
    expected = torch.tensor(slow_reference(x, group_size), dtype=torch.float64)
    expected = expected.view(batch, *[1] * (len(shape) - 1)).expand(batch, *shape[1:])
    torch.testing.assert_close(out[:, -1], expected)


def test_groups_are_strided() -> None:
    x = torch.tensor([0.0, 0.0, 1.0, 5.0])[:, None]  # groups of two: (0, 2) and (1, 3)
    torch.testing.assert_close(MinibatchStddev(2)(x)[:, 1], torch.tensor([0.5, 2.5, 0.5, 2.5]))


def test_a_constant_batch_gives_1e_4_and_finite_gradients() -> None:
    x = torch.ones(4, 2, 3, 3, requires_grad=True)
    out = MinibatchStddev()(x)
    torch.testing.assert_close(out[:, -1], torch.full((4, 3, 3), 1e-4))
    out.sum().backward()
    assert x.grad.isfinite().all()


def test_half_precision_is_computed_in_float32() -> None:
    x = (100.0 + torch.randn(8, 4, 2, 2, generator=torch.Generator().manual_seed(0))).bfloat16()
    exact = MinibatchStddev()(x.double())[:, -1]
    torch.testing.assert_close(MinibatchStddev()(x)[:, -1].double(), exact, rtol=2**-8, atol=0.0)


def test_a_batch_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(UserError, match=r"batch of 6 .* group_size=4"):
        MinibatchStddev(4)(torch.ones(6, 2))


def test_only_the_discriminator_gets_it() -> None:
    stabilizer = MinibatchStddevStabilizer()
    assert not stabilizer.edit(Recipe(GENERATOR)).statistics
    layers, channels = stabilizer.edit(Recipe(DISCRIMINATOR)).statistics_layers(16, 4)
    assert channels == 17
    assert layers(torch.ones(4, 16, 4, 4)).shape == (4, 17, 4, 4)


@pytest.mark.parametrize("group_size", [1, -1, 2.5, "4", True])
def test_bad_sizes_are_refused(group_size: object) -> None:
    with pytest.raises(ValueError, match="group_size"):
        MinibatchStddevStabilizer(group_size)
