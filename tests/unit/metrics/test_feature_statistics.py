"""Mean and covariance against NumPy, from batches too, and where raw sums cancel."""

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import feature_statistics
from gan_zoo.metrics.functional.feature_statistics import Moments


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_is_what_numpy_says():
    features = normal(50, 7)
    statistics = feature_statistics(features.float())
    values = features.float().double().numpy()
    np.testing.assert_allclose(statistics.mean, values.mean(0), rtol=1e-12)
    np.testing.assert_allclose(statistics.covariance, np.cov(values, rowvar=False), rtol=1e-12)
    assert statistics.count == 50
    assert statistics.covariance.dtype == torch.float64


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_batches_add_up_without_cancellation(offset):
    """Sums of squares at 1e8 have no digit left for a variance of 1."""
    features = normal(60, 5) + offset
    whole = feature_statistics(features)
    moments = Moments.of(features[:1])
    for start, stop in ((1, 2), (2, 30), (30, 60)):
        moments = moments.plus(Moments.of(features[start:stop]))
    joined = moments.statistics()
    torch.testing.assert_close(joined.mean, whole.mean, rtol=1e-14, atol=0.0)
    torch.testing.assert_close(joined.covariance, whole.covariance, rtol=1e-6, atol=1e-7)
    exact = np.cov((features - offset).numpy(), rowvar=False)
    np.testing.assert_allclose(joined.covariance, exact, rtol=1e-6, atol=1e-7)


def test_a_constant_set_has_no_covariance():
    assert feature_statistics(torch.full((9, 3), 0.3)).covariance.abs().max() < 1e-30


def test_one_sample_is_too_few_and_widths_must_agree():
    with pytest.raises(UserError, match="at least 2"):
        feature_statistics(torch.zeros(1, 3))
    with pytest.raises(UserError, match="3 wide, now they are 4 wide"):
        Moments.of(torch.zeros(2, 3)).plus(Moments.of(torch.zeros(2, 4)))
