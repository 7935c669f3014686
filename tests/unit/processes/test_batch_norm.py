"""Batch norm over processes against torch's own over the whole batch, in values, buffers and derivatives."""

import pytest
import torch
from torch import nn

from gan_zoo import processes
from gan_zoo.processes import batch_norm as module
from gan_zoo.processes.batch_norm import BatchNorm1d, BatchNorm2d, batch_norm

SHAPES = {0: (8, 3), 2: (8, 3, 4, 4)}


@pytest.fixture
def shared(monkeypatch):
    """Two processes in one: moments are those of the whole batch, which the test holds."""
    whole = {}

    def moments(mean, variance):
        x = whole["x"]
        places = [0, *range(2, x.dim())]
        return x.mean(places), x.var(places, correction=0)

    monkeypatch.setattr(module, "moments", moments)
    return whole


@pytest.mark.parametrize("dims", [0, 2])
@pytest.mark.parametrize("affine", [True, False])
def test_both_halves_are_normalized_as_the_whole(shared, dims, affine):
    x = torch.randn(SHAPES[dims], dtype=torch.float64) * 3.0 + 5.0
    shared["x"] = x
    ours, theirs = (
        batch_norm(3, dims, affine).double(),
        (nn.BatchNorm2d if dims else nn.BatchNorm1d)(3, affine=affine),
    )
    theirs = theirs.double()
    with processes.together(2):
        halves = [ours(half) for half in x.chunk(2)]
    torch.testing.assert_close(torch.cat(halves), theirs(x), rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("dims", [0, 2])
def test_the_running_statistics_are_those_of_the_whole(shared, dims):
    x = torch.randn(SHAPES[dims], dtype=torch.float64) * 3.0 + 5.0
    shared["x"] = x
    ours, theirs = batch_norm(3, dims).double(), (nn.BatchNorm2d if dims else nn.BatchNorm1d)(3).double()
    with processes.together(2):
        ours(x[:4])
    theirs(x)
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(dict(ours.named_buffers())[name], buffer, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("kind", [BatchNorm1d, BatchNorm2d])
def test_alone_it_is_torchs_own_bit_for_bit(kind):
    x = torch.randn(SHAPES[2 if kind is BatchNorm2d else 0])
    ours, theirs = kind(3), kind.__mro__[1](3)
    assert torch.equal(ours(x), theirs(x))
    with processes.together(2):
        assert torch.equal(ours.eval()(x), theirs.eval()(x))


def test_half_precision_goes_in_and_out(shared):
    x = torch.randn(SHAPES[2]).bfloat16()
    shared["x"] = x.float()
    with processes.together(2):
        assert BatchNorm2d(3)(x[:4]).dtype == torch.bfloat16
