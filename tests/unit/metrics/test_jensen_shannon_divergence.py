"""The Jensen-Shannon divergence against scipy's square root of it, its bounds, and what it refuses."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import jensen_shannon_divergence


def test_against_scipy_in_nats():
    rng = np.random.default_rng(0)
    for _ in range(20):
        p, q = rng.integers(0, 9, 12), rng.integers(0, 9, 12)
        assert jensen_shannon_divergence(p, q) == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-14)


def test_is_zero_on_equal_histograms_and_log_2_on_disjoint_ones():
    counts = torch.tensor([0, 5, 7, 1])
    assert jensen_shannon_divergence(counts, 3 * counts) == pytest.approx(0.0, abs=1e-15)
    disjoint = jensen_shannon_divergence(torch.tensor([4, 0, 0]), torch.tensor([0, 1, 2]))
    assert disjoint == pytest.approx(math.log(2.0))


def test_is_symmetric():
    p, q = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([5.0, 0.0, 1.0])
    assert jensen_shannon_divergence(p, q) == jensen_shannon_divergence(q, p)


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([1.0, -1.0], [1.0, 1.0], "p: expected counts"),
        ([1.0, 1.0], [0.0, 0.0], "q: expected counts"),
        ([1.0, 1.0], [1.0, 1.0, 1.0], "p has 2, q has 3"),
        ([1.0, math.nan], [1.0, 1.0], "not finite"),
    ],
)
def test_refuses_what_is_no_histogram(p, q, message):
    with pytest.raises(UserError, match=message):
        jensen_shannon_divergence(torch.tensor(p), torch.tensor(q))
