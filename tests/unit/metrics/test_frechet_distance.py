"""Frechet distance in closed form, against SciPy's matrix square root, and where that one fails."""

import sys

import numpy as np
import pytest
import scipy.linalg
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import FeatureStatistics, feature_statistics, frechet_distance


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def gaussian(mean, covariance):
    return FeatureStatistics(torch.as_tensor(mean).double(), torch.as_tensor(covariance).double(), 1000)


def by_matrix_square_root(real, fake):
    first, second = (np.cov(values.numpy(), rowvar=False) for values in (real, fake))
    root = scipy.linalg.sqrtm(first @ second).real
    return float((real.mean(0) - fake.mean(0)).square().sum()) + np.trace(first + second - 2 * root)


@pytest.mark.parametrize("width", [1, 2, 10, 60])
def test_equals_the_matrix_square_root_where_that_exists(width):
    real, fake = normal(300, width), normal(200, width, seed=1) @ normal(width, width, seed=2) + 0.5
    expected = by_matrix_square_root(real, fake) if width > 1 else None
    if expected is None:
        expected = float((real.mean() - fake.mean()).square() + (real.std() - fake.std()).square())
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-9)
    statistics = feature_statistics(real), feature_statistics(fake)
    assert frechet_distance(*statistics) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(statistics[0], fake) == pytest.approx(expected, rel=1e-9)


def test_closed_form_of_diagonal_covariances():
    first, second = torch.tensor([4.0, 9.0, 0.0, 0.0, 1e-6]), torch.tensor([1.0, 0.0, 16.0, 0.0, 1e-6])
    found = frechet_distance(gaussian(torch.zeros(5), first.diag()), gaussian(torch.ones(5), second.diag()))
    assert found == pytest.approx(5.0 + 1.0 + 9.0 + 16.0, rel=1e-12)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ranks", [(3, 3), (3, 40), (40, 3), (25, 25), (0, 40), (0, 0)])
def test_covariances_of_any_rank_in_closed_form(ranks, turned):
    """Commuting covariances: the distance is the sum of (sqrt(a) - sqrt(b))^2; noise must not add to it."""
    first, second = torch.zeros(40).double(), torch.zeros(40).double()
    first[: ranks[0]] = torch.linspace(1.0, 3.0, ranks[0])
    second[40 - ranks[1] :] = torch.linspace(2.0, 1.0, ranks[1])
    turn = torch.linalg.qr(normal(40, 40))[0] if turned else torch.eye(40).double()
    stats = [gaussian(torch.zeros(40), turn @ values.diag() @ turn.T) for values in (first, second)]
    expected = float((first.sqrt() - second.sqrt()).square().sum())
    assert frechet_distance(*stats) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_feature_that_depends_on_others_adds_no_noise():
    """For half of these plain Cholesky succeeds by rounding; its last pivot's root is no small error."""
    identity = gaussian(torch.zeros(7), torch.eye(7))
    for seed in range(20):
        axes, mixing = torch.linalg.qr(normal(7, 6, seed=seed))  # a basis of 6 of 7 dimensions
        features = normal(30, 6, seed=100 + seed) @ mixing.T
        covariance = feature_statistics(features).covariance
        values = torch.linalg.eigvalsh(covariance)
        expected = float((values.sqrt() - 1.0).square().sum()) + 1.0
        embedded = gaussian(torch.zeros(7), axes @ covariance @ axes.T)
        assert frechet_distance(embedded, identity) == pytest.approx(expected, rel=1e-10)


def test_a_wide_range_of_variances_in_closed_form():
    """Eigenvalues of the product reach down to 1e-24 of the largest, far below one rounding."""
    turn = torch.linalg.qr(normal(30, 30))[0]
    first = torch.logspace(0, -12, 30).double()
    stats = [gaussian(torch.zeros(30), turn @ (first * by).diag() @ turn.T) for by in (1.0, 1.1)]
    expected = float(first.sum()) * (1.1**0.5 - 1.0) ** 2
    assert frechet_distance(*stats) == pytest.approx(expected, rel=1e-5)


def test_fewer_samples_than_dimensions_agree_with_their_own_subspace():
    """A set of N samples lies in N - 1 dimensions, where the covariance is regular."""
    turn = torch.linalg.qr(normal(200, 200))[0][:, :10]
    real, fake = normal(60, 10), normal(50, 10, seed=1) * 1.5 + 0.2
    expected = by_matrix_square_root(real, fake)
    for first, second in ((real @ turn.T, fake @ turn.T), (real @ turn.T + 7.0, fake @ turn.T + 7.0)):
        assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-11)
        found = frechet_distance(feature_statistics(first), feature_statistics(second))
        assert found == pytest.approx(expected, rel=1e-11)
        assert frechet_distance(feature_statistics(first), second) == pytest.approx(expected, rel=1e-11)


def test_a_collapsed_set_costs_its_distance_and_all_lost_variance():
    real, point = normal(100, 20), normal(1, 20, seed=1)
    expected = (real.mean(0) - point).square().sum() + real.var(0).sum()
    for copies in (5, 300):
        assert frechet_distance(real, point.repeat(copies, 1)) == pytest.approx(float(expected), rel=1e-12)
    assert frechet_distance(point.repeat(5, 1), point.repeat(50, 1)) < 1e-25


@pytest.mark.parametrize("count", [5, 30, 500])
def test_a_set_is_at_no_distance_from_itself_in_any_order(count):
    features = normal(count, 30)
    assert frechet_distance(features, features.flip(0)) == pytest.approx(0.0, abs=1e-11)
    assert frechet_distance(features, features) >= 0.0


def test_is_symmetric_and_grows_with_the_lost_part():
    real, fake = normal(90, 12), normal(120, 12, seed=1) + 0.3
    assert frechet_distance(real, fake) == pytest.approx(frechet_distance(fake, real), rel=1e-12)
    distances = [frechet_distance(real, real * scale) for scale in (1.0, 0.9, 0.5, 0.1, 0.0)]
    assert distances == sorted(distances)


def test_the_fast_and_the_slow_sum_of_singular_values_agree(monkeypatch):
    module = sys.modules["gan_zoo.metrics.functional.frechet_distance"]
    real, fake = normal(300, 40), normal(200, 40, seed=1)
    fast = frechet_distance(real, fake)
    monkeypatch.setattr(module, "_ACCURACY", 0.0)
    assert frechet_distance(real, fake) == pytest.approx(fast, rel=1e-12)


@pytest.mark.parametrize(
    ("real", "fake", "message"),
    [
        (torch.zeros(1, 3), torch.zeros(5, 3), "real: 1 samples are too few, a covariance needs at least 2"),
        (torch.zeros(5, 3), torch.zeros(5, 4), "Real features are 3 wide, fake features are 4"),
        (torch.full((5, 3), float("nan")), torch.zeros(5, 3), "15 of 15 values are not finite"),
        (FeatureStatistics(torch.zeros(3), torch.eye(4), 9), torch.zeros(5, 3), r"covariance is \[4, 4\]"),
        (
            FeatureStatistics(torch.zeros(3), torch.eye(3) * torch.nan, 9),
            torch.zeros(5, 3),
            "covariance: 9 of 9",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(real, fake, message):
    with pytest.raises(UserError, match=message):
        frechet_distance(real, fake)
