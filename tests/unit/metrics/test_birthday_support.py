"""The birthday test: supports of known size, the control on real data, copies, bad input."""

import math

import pytest
import torch
from scipy.stats import binomtest

from gan_zoo.errors import UserError
from gan_zoo.metrics import METRICS
from gan_zoo.metrics.functional import birthday_support
from gan_zoo.metrics.functional.birthday_support import wilson


def normal(samples, width=5, seed=0):
    return torch.randn(samples, width, generator=torch.Generator().manual_seed(seed))


def repeated(unique, samples=2000, seed=1):
    """Return samples that are `unique` different ones, with a little noise."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(unique, (samples,), generator=generator)
    return normal(unique, seed=seed)[chosen] + 1e-4 * normal(samples, seed=seed + 1)


@pytest.mark.parametrize(("unique", "size"), [(20, 10), (300, 40), (4000, 160)])
def test_finds_the_size_of_a_finite_support(unique, size):
    # 1.18 sqrt(N) is 5, 20 and 74: the next of the sizes has to find it, the one before must not
    sizes = (10, 40, 160)
    found = birthday_support(repeated(unique, 4000), normal(2000), sizes=sizes, quantile=0.02)
    assert found.size == size
    assert found.support == size**2 / (2.0 * math.log(2.0))
    assert all(found.real[each].rate <= 0.3 for each in sizes)


def test_rates_follow_the_birthday_formula():
    found = birthday_support(repeated(500), normal(2000), sizes=(15, 30), repeats=200, quantile=0.01)
    for size, collisions in found.fake.items():
        assert collisions.rate == pytest.approx(1.0 - math.exp(-(size**2) / 1000.0), abs=0.1)
        assert collisions.low < collisions.rate < collisions.high


def test_true_samples_have_no_more_duplicates_than_real_ones():
    found = birthday_support(normal(1000, seed=1), normal(2000), sizes=(20, 100), repeats=40)
    assert (found.size, found.support) == (None, None)
    assert all(found.fake[size].low <= 0.1 for size in (20, 100))
    assert found.thresholds[100] < found.thresholds[20]


def test_the_control_did_not_set_the_threshold():
    # each half is a single batch: the half that set the threshold would reach it in every try
    rates = [
        birthday_support(
            normal(20, seed=1),
            normal(40),
            sizes=(20,),
            repeats=2,
            generator=torch.Generator().manual_seed(seed),
        )
        .real[20]
        .rate
        for seed in range(20)
    ]
    assert 0.1 < sum(rates) / len(rates) < 0.9


def test_exact_copies_are_found_even_if_real_data_repeat_themselves():
    fake = torch.zeros(50, 20)
    found = birthday_support(fake, normal(200, 20), sizes=(10,))
    assert (found.size, found.fake[10].rate) == (10, 1.0)
    copies = birthday_support(fake, torch.ones(200, 20), sizes=(10,))
    assert copies.real[10].rate == copies.fake[10].rate == 1.0


def test_the_closest_pairs_can_be_looked_at():
    fake = normal(300, 30)
    fake[17] = fake[205] + 1e-6
    found = birthday_support(fake, normal(600, 30, 1), sizes=(250,), repeats=10)
    assert sorted(found.closest[0].tolist()) == [17, 205]
    distances = (fake[found.closest[:, 0]] - fake[found.closest[:, 1]]).norm(dim=1)
    assert distances.tolist() == sorted(distances.tolist())


@pytest.mark.parametrize(("hits", "tries"), [(0, 20), (7, 20), (20, 20), (150, 200)])
def test_intervals_against_scipy(hits, tries):
    expected = binomtest(hits, tries).proportion_ci(method="wilson")
    found = wilson(hits, tries)
    assert found.rate == hits / tries
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": (30,)}, "fake: 20 samples are too few"),
        ({"sizes": (15,)}, "real: 20 samples are too few"),
        ({"sizes": (1,)}, "at least 2 samples"),
        ({"sizes": ()}, "at least 2 samples"),
        ({"repeats": 0}, "repeats"),
        ({"quantile": 1.0}, "quantile"),
        ({"fake": normal(20, 4)}, "differ in form"),
    ],
)
def test_refuses_bad_input(options, message):
    given = {"fake": normal(20), "real": normal(20), "sizes": (5,), **options}
    with pytest.raises(UserError, match=message):
        birthday_support(**given)


def test_by_default_a_small_support_is_told():
    real = normal(1000)
    point = birthday_support(torch.zeros(400, 5), real)
    assert (point.size, point.at_most) == (2, True)
    assert point.support < 3.0
    twenty = birthday_support(repeated(20, 400), real)
    assert twenty.size in (5, 10)
    assert not twenty.at_most
    assert birthday_support(normal(400, seed=5), real).at_most is False
    metric = METRICS.build("birthday_support")
    metric.update(real=real, fake=torch.zeros(400, 5))
    assert metric.compute().support == point.support
