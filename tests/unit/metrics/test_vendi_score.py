"""Vendi score in closed form, in both forms of the kernel, of any order, for samples without direction."""

import math

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import vendi_score, vendi_score_from_kernel

ORDERS = [0, 0.1, 0.5, 1, 1.0000001, 2, 10, math.inf]


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_definition(features, q):
    rows = features.numpy()
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    shares = np.linalg.eigvalsh(rows @ rows.T / len(rows))
    shares = shares[shares > 1e-12]
    if q == 1:
        return np.exp(-(shares * np.log(shares)).sum())
    return 1 / shares.max() if q == math.inf else (shares**q).sum() ** (1 / (1 - q))


@pytest.mark.parametrize("q", ORDERS)
@pytest.mark.parametrize("shape", [(20, 50), (50, 20), (30, 30), (1, 4), (9, 1)])
def test_equals_the_definition_whichever_form_is_smaller(shape, q):
    features = normal(*shape)
    tolerance = 1e-6 if q != 1.0000001 else 1e-4  # the reference divides by 1e-7
    assert vendi_score(features, q) == pytest.approx(by_definition(features, q), rel=tolerance)


@pytest.mark.parametrize("q", ORDERS)
def test_is_the_number_of_different_samples(q):
    """Copies do not count, nor does length; noise of eigenvalues that are 0 would, for small q."""
    different = torch.eye(6, 40).repeat(30, 1) * torch.linspace(0.1, 90.0, 180)[:, None]
    assert vendi_score(different, q) == pytest.approx(6.0, rel=1e-7)
    assert vendi_score(torch.ones(50, 300), q) == pytest.approx(1.0, rel=1e-9)


def test_unequal_shares_in_closed_form():
    features = torch.eye(3)[[0, 0, 0, 1, 1, 2]]
    shares = torch.tensor([3, 2, 1]).double() / 6
    assert vendi_score(features, 1) == pytest.approx(math.exp(-float((shares * shares.log()).sum())))
    assert vendi_score(features, 2) == pytest.approx(1 / float(shares.square().sum()))
    assert vendi_score(features, math.inf) == pytest.approx(2.0)
    assert vendi_score(features, 0) == pytest.approx(3.0)


def test_a_higher_order_never_gives_more():
    scores = [vendi_score(normal(40, 8), q) for q in ORDERS]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("width", [2, 90])
def test_samples_without_direction_are_alike(width):
    """A generator that gives black images only has an effective number of 1."""
    assert vendi_score(torch.zeros(20, width)) == pytest.approx(1.0)
    half = torch.zeros(20, width)
    half[:10, 0] = 3.0
    assert vendi_score(half) == pytest.approx(2.0)


def test_any_scale_gives_the_same():
    features = normal(20, 6)
    for scale in (1e-200, 1e-20, 1e20, 1e200):
        assert vendi_score(features * scale) == pytest.approx(vendi_score(features), rel=1e-9)


@pytest.mark.parametrize("q", [-1, math.nan, True, "1"])
def test_a_negative_order_is_refused(q):
    with pytest.raises(UserError, match=r"q=.*at least 0"):
        vendi_score(normal(5, 3), q)


@pytest.mark.parametrize("q", [0.5, 1.0, 2.0, math.inf])
def test_a_kernel_gives_what_its_features_give(q):
    features = torch.randn(30, 6, generator=torch.Generator().manual_seed(0)).double()
    directions = features / features.norm(dim=1, keepdim=True)
    kernel = directions @ directions.T
    assert vendi_score_from_kernel(kernel, q) == pytest.approx(vendi_score(features, q))
    assert vendi_score_from_kernel(kernel.float().numpy(), q) == pytest.approx(vendi_score(features, q), 1e-3)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (torch.ones(2, 3), r"symmetric matrix \[N, N\] is needed, got \[2, 3\]"),
        (torch.tensor([[1.0, 0.5], [0.0, 1.0]]), "symmetric"),
        (2.0 * torch.eye(3), "similarity 1 with itself"),
        (torch.tensor([[1.0, 2.0], [2.0, 1.0]]), "not positive semi-definite"),
        ([[1.0]], "got list"),
    ],
)
def test_what_is_no_kernel_is_refused(kernel, message):
    with pytest.raises(UserError, match=message):
        vendi_score_from_kernel(kernel)
