"""Leave-one-out accuracy against loops, with ties, copies and near-copies."""

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import nearest_neighbor_accuracy


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_loops(real, fake):
    pool, kind = np.concatenate([real, fake]), np.repeat([0, 1], len(real))
    correct = []
    for index, point in enumerate(pool):
        distances = ((pool - point) ** 2).sum(1)
        distances[index] = np.inf
        near = kind[distances == distances.min()]
        correct.append((near == kind[index]).mean())
    return np.mean(correct), np.mean(correct[: len(real)]), np.mean(correct[len(real) :])


@pytest.mark.parametrize("width", [1, 2, 30, 400])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_equals_loops(width, shift):
    real, fake = normal(60, width), normal(60, width, seed=1) + shift
    found = nearest_neighbor_accuracy(real, fake)
    assert (found.overall, found.real, found.fake) == pytest.approx(
        by_loops(real.numpy(), fake.numpy()), abs=1e-12
    )


@pytest.mark.parametrize("width", [2, 40])
def test_ties_and_copies_share_the_vote(width):
    """Whole numbers have many equal distances, and copies within and across the sets."""
    generator = torch.Generator().manual_seed(0)
    real = torch.randint(0, 2, (50, width), generator=generator).double()
    fake = torch.randint(0, 2, (50, width), generator=generator).double()
    fake[:20] = real[10:30]
    fake[40:] = fake[39]
    found = nearest_neighbor_accuracy(real, fake)
    assert (found.overall, found.real, found.fake) == pytest.approx(
        by_loops(real.numpy(), fake.numpy()), abs=1e-12
    )


def test_far_sets_are_told_apart_and_copies_are_found_out():
    real = normal(30, 20)
    assert nearest_neighbor_accuracy(real, real + 100.0).overall == 1.0
    assert nearest_neighbor_accuracy(real, real.flip(0)).overall == 0.0


@pytest.mark.parametrize("gap", [1e-4, 1e-7, 1e-10])
def test_near_copies_are_found_out_far_from_the_origin(gap):
    real = normal(40, 64) + 100.0
    assert nearest_neighbor_accuracy(real, real + gap).overall == 0.0


def test_nearer_than_the_nearest_copy():
    """Fakes come in pairs that are closer to each other than to the real that they copy."""
    real = normal(20, 64)
    fake = real[:10].repeat_interleave(2, 0)
    fake += 1e-6 * normal(1, 64)
    fake[1::2] += 1e-8 * normal(1, 64, seed=2)
    found = nearest_neighbor_accuracy(real, fake)
    assert found.fake == 1.0
    assert found.real == by_loops(real.numpy(), fake.numpy())[1]
    assert found.real <= 0.5  # nearest to each copied real is a fake


def test_collapse_shows_as_a_gap_between_the_two_kinds():
    real = normal(200, 5)
    found = nearest_neighbor_accuracy(real, real[:1] + 1e-3 * normal(200, 5, seed=1))
    assert found.fake > 0.99
    assert found.overall == pytest.approx((found.real + found.fake) / 2)


def test_one_distribution_is_a_coin_toss():
    found = nearest_neighbor_accuracy(normal(1000, 3), normal(1000, 3, seed=1))
    assert found.overall == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("width", [2, 40])
def test_the_smallest_sets(width):
    one, two = normal(1, width), normal(2, width)
    assert nearest_neighbor_accuracy(two, two).overall == 0.0
    assert nearest_neighbor_accuracy(two, two + 100.0).overall == 1.0
    assert nearest_neighbor_accuracy(one.repeat(3, 1), one.repeat(3, 1)).overall == pytest.approx(2 / 5)


def test_one_of_each_is_refused():
    """Left out, it leaves no other one of its kind: 0 would say that fakes are copies, whatever they are."""
    with pytest.raises(UserError, match=r"real: 1 samples are too few, .* at least 2"):
        nearest_neighbor_accuracy(normal(1, 3), normal(1, 3, seed=1))


def test_unequal_numbers_and_widths_are_refused():
    with pytest.raises(UserError, match=r"4 real and 5 fake samples.*first 4 of both"):
        nearest_neighbor_accuracy(normal(4, 2), normal(5, 2))
    with pytest.raises(UserError, match="differ in form"):
        nearest_neighbor_accuracy(normal(4, 2), normal(4, 3))
