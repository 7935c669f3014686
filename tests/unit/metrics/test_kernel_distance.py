"""Squared MMD against double loops, in closed form, and its mean over draws."""

import sys

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import kernel_distance


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def polynomial(x, y, degree=3, gamma=None, offset=1.0):
    return ((x @ y) * (1.0 / len(x) if gamma is None else gamma) + offset) ** degree


def rbf(x, y, sigma=10.0):
    return np.exp(-((x - y) ** 2).sum() / (2 * sigma**2))


def by_loops(real, fake, kernel, estimator):
    """Written from Gretton et al. 2012."""
    real, fake = real.numpy(), fake.numpy()
    result = 0.0
    for samples in (real, fake):
        values = [
            kernel(x, y)
            for i, x in enumerate(samples)
            for j, y in enumerate(samples)
            if estimator == "biased" or i != j
        ]
        result += np.mean(values)
    crossed = [
        kernel(x, y)
        for i, x in enumerate(real)
        for j, y in enumerate(fake)
        if estimator != "u_statistic" or i != j
    ]
    return result - 2.0 * np.mean(crossed)


@pytest.mark.parametrize("estimator", ["unbiased", "biased", "u_statistic"])
@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ("polynomial", {}),
        ("polynomial", {"degree": 2, "gamma": 0.7, "offset": 0.5}),
        ("rbf", {}),
        ("rbf", {"sigma": 1.5}),
    ],
)
def test_all_samples_once_equal_double_loops(kernel, options, estimator):
    real, fake = normal(14, 5), normal(14 if estimator == "u_statistic" else 11, 5, seed=1) + 0.4
    function = {"polynomial": polynomial, "rbf": rbf}[kernel]
    expected = by_loops(real, fake, lambda x, y: function(x, y, **options), estimator)
    found = kernel_distance(real, fake, kernel=kernel, estimator=estimator, subsets=None, **options)
    assert found.mean == pytest.approx(expected, rel=1e-9, abs=1e-13)
    assert found.std == 0.0


def test_one_subset_of_all_is_all():
    real, fake = normal(30, 4), normal(30, 4, seed=1)
    whole = kernel_distance(real, fake, subsets=None)
    assert kernel_distance(real, fake, subsets=1, subset_size=30).mean == pytest.approx(whole.mean, rel=1e-10)


def test_blocks_of_rows_add_up(monkeypatch):
    real, fake = normal(30, 4), normal(17, 4, seed=1)
    whole = kernel_distance(real, fake, subsets=None)
    monkeypatch.setattr(sys.modules["gan_zoo.metrics.functional.kernel_distance"], "_ROWS", 7)
    assert kernel_distance(real, fake, subsets=None).mean == pytest.approx(whole.mean, rel=1e-12)
    paired = kernel_distance(real, real.flip(0), subsets=None, estimator="u_statistic").mean
    expected = by_loops(real, real.flip(0), polynomial, "u_statistic")
    assert paired == pytest.approx(expected, rel=1e-9)


def test_subsets_give_mean_and_population_deviation_of_their_estimates():
    real, fake = normal(40, 3), normal(50, 3, seed=1)
    found = kernel_distance(real, fake, subsets=4, subset_size=10, generator=torch.Generator().manual_seed(5))
    generator = torch.Generator().manual_seed(5)
    single = []
    for _ in range(4):
        first = real[torch.randperm(40, generator=generator)[:10]]
        second = fake[torch.randperm(50, generator=generator)[:10]]
        single.append(kernel_distance(first, second, subsets=None).mean)
    assert found.mean == pytest.approx(np.mean(single), rel=1e-12)
    assert found.std == pytest.approx(np.std(single), rel=1e-12)


def test_draws_come_from_the_generator_alone():
    real, fake = normal(40, 3), normal(50, 3, seed=1)
    before = torch.get_rng_state()
    first = kernel_distance(real, fake, subsets=3, subset_size=10)
    torch.manual_seed(77)
    assert kernel_distance(real, fake, subsets=3, subset_size=10) == first
    torch.set_rng_state(before)
    other = kernel_distance(real, fake, subsets=3, subset_size=10, generator=torch.Generator().manual_seed(1))
    assert other != first


def test_the_unbiased_estimates_have_mean_zero_on_one_distribution_and_the_biased_one_has_not():
    draws = {"unbiased": [], "u_statistic": [], "biased": []}
    for seed in range(60):
        real, fake = normal(40, 6, seed=2 * seed), normal(40, 6, seed=2 * seed + 1)
        for estimator, values in draws.items():
            values.append(kernel_distance(real, fake, subsets=None, estimator=estimator).mean)
    for estimator in ("unbiased", "u_statistic"):
        assert min(draws[estimator]) < 0.0
        assert abs(np.mean(draws[estimator])) < 3.0 * np.std(draws[estimator]) / 60**0.5
    assert min(draws["biased"]) > 0.0


def test_a_set_is_at_no_biased_distance_from_itself_and_collapse_is_far():
    real = normal(50, 8)
    for kernel in ("polynomial", "rbf"):
        same = kernel_distance(real, real.flip(0), kernel=kernel, estimator="biased", subsets=None).mean
        assert same == pytest.approx(0.0, abs=1e-13)
        kept = [
            kernel_distance(real, real[:count].repeat(50 // count, 1), kernel=kernel, subsets=None).mean
            for count in (25, 5, 1)
        ]
        assert kept == sorted(kept)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            "subset_size=1000, but there are only 20 real and 30 fake .*type subset_size=20, or",
        ),
        ({"subset_size": 1}, "subset_size=1: a whole number of at least 2"),
        ({"subsets": 0}, "subsets=0: a whole number of at least 1"),
        ({"kernel": "gaussian"}, "kernel='gaussian' is not known. Known: polynomial, rbf"),
        ({"estimator": "unbaised"}, "Did you mean 'unbiased'"),
        ({"kernel": "rbf", "sigma": 0.0}, "sigma=0.0: a finite number above 0"),
        ({"degree": 1.5}, "degree=1.5: a whole number"),
        ({"gamma": -1}, "gamma=-1: a finite number above 0"),
        ({"subsets": None, "estimator": "u_statistic"}, "as many real as fake samples, got 20 and 30"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        kernel_distance(normal(20, 3), normal(30, 3), **options)


def test_too_few_samples_and_other_widths_are_refused():
    with pytest.raises(UserError, match="fake: 1 samples are too few"):
        kernel_distance(normal(5, 3), normal(1, 3), subsets=None)
    with pytest.raises(UserError, match="differ in form"):
        kernel_distance(normal(5, 3), normal(5, 4), subsets=None)
