"""Squared distances against differences taken one by one, above all where the fast form cancels."""

import numpy as np
import pytest
import torch

from gan_zoo.metrics.distances import pair_distances, squared_distance_blocks, squared_distances
from gan_zoo.metrics.estimates import Estimates, Rounded


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def one_by_one(first, second):
    return torch.stack([(row - second).square().sum(1) for row in first])


@pytest.mark.parametrize("width", [1, 2, 16, 17, 100])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_equal_those_from_differences(width, offset):
    first, second = normal(30, width) + offset, normal(40, width, seed=1) + offset
    torch.testing.assert_close(
        squared_distances(first, second), one_by_one(first, second), rtol=1e-8, atol=0.0
    )


@pytest.mark.parametrize("width", [3, 64, 2048])
@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 0.0])
def test_near_copies_are_told_apart(width, gap):
    first = normal(20, width) + 5.0
    second = first.clone()
    second[:, 0] += gap
    found = squared_distances(first, second).diagonal()
    torch.testing.assert_close(found, (first[:, 0] - second[:, 0]).square(), rtol=1e-8, atol=0.0)


def test_copies_have_distance_zero_and_nothing_is_negative():
    points = torch.cat([normal(30, 50)] * 3) * 1e3 + 1e5
    distances = squared_distances(points, points)
    assert (distances.diagonal() == 0.0).all()
    assert (distances >= 0.0).all()
    assert int((distances == 0.0).sum()) == 9 * 30


def test_blocks_are_rows_of_the_whole():
    first, second = normal(25, 20), normal(7, 20, seed=1)
    parts = list(squared_distance_blocks(first, second, rows=10))
    assert [part for part, _ in parts] == [slice(0, 10), slice(10, 20), slice(20, 25)]
    torch.testing.assert_close(torch.cat([block for _, block in parts]), squared_distances(first, second))


def test_the_distance_of_a_pair_depends_on_the_pair_only():
    """Bit by bit: strict comparisons of equal distances rest on it."""
    first, second = normal(50, 777), normal(60, 777, seed=1)
    rows, columns = torch.arange(50).repeat_interleave(60), torch.arange(60).repeat(50)
    together = pair_distances(first, second, rows, columns)
    for pick in (0, 1, 1234, 2999):
        alone = pair_distances(first, second, rows[pick : pick + 1], columns[pick : pick + 1])
        swapped = pair_distances(second, first, columns[pick : pick + 1], rows[pick : pick + 1])
        assert alone.item() == swapped.item() == together[pick].item()
    assert pair_distances(first, second, rows[:0], columns[:0]).shape == (0,)


def test_a_pair_of_very_wide_rows_has_one_distance():
    first, second = normal(20, 9_001), normal(20, 9_001, seed=1)
    rows, columns = torch.arange(20), torch.arange(20)
    together = pair_distances(first, second, rows, columns)
    for pick in range(20):
        alone = pair_distances(first, second, rows[pick : pick + 1], columns[pick : pick + 1])
        assert alone.item() == together[pick].item()


def between(first: torch.Tensor, second: torch.Tensor) -> Estimates:
    return Estimates(Rounded(first), Rounded(second))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e4, 1e12])
@pytest.mark.parametrize("width", [2, 17, 500])
@pytest.mark.parametrize("apart", [0.0, 1.0, 300.0])
def test_no_estimate_is_off_by_more_than_its_bound(apart, width, scale):
    first, second = normal(40, width) * scale, (normal(50, width, seed=1) * 3.0 + apart) * scale
    second[0] *= 100.0  # an outlier
    exact = one_by_one(first, second)
    estimates = between(first, second)
    error = (torch.from_numpy(estimates.block(slice(0, 40))).double() - exact).abs()
    assert (error <= estimates.bound[:, None] + 1e-14 * exact).all()
    rows = torch.tensor([3, 11])
    block, bound = estimates.precise_block(rows)
    assert ((block - exact[rows]).abs() <= bound[:, None] + 1e-8 * exact[rows]).all()


@pytest.mark.parametrize("spread", [1e-4, 1.0])
@pytest.mark.parametrize("width", [2, 17, 500])
def test_single_precision_is_taken_for_what_it_is(width, spread):
    """Bit by bit as if it had been converted first, alone or beside a set in double precision."""
    first, second = normal(40, width).float() + 3.0, (normal(50, width, seed=1) * spread + 3.0).float()
    converted = between(first.double(), second.double())
    limit = one_by_one(first.double(), second.double())[:, 7:8]
    (wanted,) = converted.below(slice(0, 40), limit)
    for one, other in ((first, second), (first.double(), second), (first, second.double())):
        estimates = between(one, other)
        assert np.array_equal(estimates.block(slice(0, 40)), converted.block(slice(0, 40)))
        assert estimates.bound.equal(converted.bound)
        rows = torch.arange(40)
        assert estimates.precise_block(rows)[0].equal(converted.precise_block(rows)[0])
        assert estimates.exact(rows, rows).equal(converted.exact(rows, rows))
        (found,) = estimates.below(slice(0, 40), limit)
        assert found[0].equal(wanted[0])
        assert found[1].equal(wanted[1])


def mask(pairs, *shape):
    found = torch.zeros(shape, dtype=torch.bool)
    found[pairs] = True
    return found


@pytest.mark.parametrize("width", [3, 40, 300])
def test_comparisons_are_those_of_double_precision(width):
    """Limits are distances themselves, so half of them lie exactly at the limit of some pair."""
    first, second = normal(60, width), normal(70, width, seed=1) * 1e-4  # all of `second` is close together
    pairs = torch.arange(60), torch.arange(60) + 3
    limits = between(first, second).exact(*pairs) if width > 16 else one_by_one(first, second)[pairs]
    exact = np.array([[((a - b) ** 2).sum() for b in second.numpy()] for a in first.numpy()])
    for offset in (-1e-12, 1e-12):
        limit = limits[:, None] * (1.0 + offset)
        (found,) = between(first, second).below(slice(0, 60), limit)
        assert (mask(found, 60, 70).numpy() == (exact < limit.numpy())).all()
    if width > 16:
        (found,) = between(first, second).below(slice(0, 60), limits[:, None])
        assert not mask(found, 60, 70)[pairs].any()  # strictly below
        within = between(first, second).within(torch.arange(60), limits[:, None])
        assert within[pairs].all()


@pytest.mark.parametrize("spread", [1e-4, 1.0])  # nearly all pairs are left open by the estimates, and few
@pytest.mark.parametrize("width", [3, 300])
def test_limits_may_go_with_rows_and_with_columns(width, spread):
    first, second = normal(60, width), normal(70, width, seed=1) * spread
    exact = one_by_one(first, second)
    of_rows = exact[:, 5:6] * (1.0 + 1e-9 * normal(60, 1, seed=2))
    of_columns = exact[5:6] * (1.0 + 1e-9 * normal(1, 70, seed=3))
    for rows in (slice(0, 60), slice(20, 50)):
        found = between(first, second).below(rows, of_rows[rows], of_columns)
        size = rows.stop - rows.start
        for pairs, limit in zip(found, (of_rows[rows], of_columns), strict=True):
            wanted = exact[rows] < limit
            assert 0 < int(wanted.sum()) < wanted.numel()
            assert torch.equal(mask(pairs, size, 70), wanted)
            assert len(pairs[0]) == int(wanted.sum())  # none twice


def test_estimates_survive_a_setting_that_lowers_the_precision_of_products():
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        first, second = normal(64, 512), normal(64, 512, seed=1)
        estimates = between(first, second)
        error = (torch.from_numpy(estimates.block(slice(0, 64))).double() - one_by_one(first, second)).abs()
        assert (error <= estimates.bound[:, None]).all()
    finally:
        torch.set_float32_matmul_precision(before)
