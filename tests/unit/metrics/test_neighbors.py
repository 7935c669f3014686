"""Distances to the k-th neighbor against sorted differences: copies, near-copies, ties, several blocks."""

import numpy as np
import pytest
import torch

from gan_zoo.metrics import neighbors
from gan_zoo.metrics.neighbors import Distinct, nearest


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_sorting(values, rank):
    values = values.numpy()
    return np.array([np.sort(((values - row) ** 2).sum(1))[rank] for row in values])


def found_by(values, rank):
    points = Distinct.of(values)
    return nearest(points, rank).squared[points.index].numpy()


@pytest.fixture(params=["one block", "many blocks", "small groups"])
def _blocks(request, monkeypatch):
    if request.param == "many blocks":
        monkeypatch.setattr(neighbors, "_SIDE", 13)
    if request.param == "small groups":  # of the usual size these sets are ranked as they are
        monkeypatch.setattr(neighbors, "_GROUP", 2)
        monkeypatch.setattr(neighbors, "_SPARE", 2)


@pytest.mark.parametrize("kind", ["normal", "ties", "infinite"])
@pytest.mark.parametrize(("width", "count"), [(5, 9), (40, 3), (64, 3), (1000, 7), (1015, 15), (1015, 70)])
def test_small_numbers_bound_the_smallest_of_each_row(width, count, kind):
    block = normal(23, width).float()
    if kind == "ties":
        block = block.mul(2.0).round()
    if kind == "infinite":
        block[:, ::2] = torch.inf
        block[3] = torch.inf
    found = torch.from_numpy(neighbors._small(block.numpy(), count)).sort(1).values
    true = block.sort(1).values[:, :count]
    assert found.shape == true.shape
    assert (found >= true).all()
    assert (found[:, 0] == true[:, 0]).all()
    assert np.array_equal(np.sort(neighbors._small(np.asfortranarray(block), count), axis=1), found)
    for row, numbers in zip(block, found, strict=True):  # each is there at least as often as it was found
        assert all((row == number).sum() >= (numbers == number).sum() for number in numbers)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("rank", [1, 3, 20])
@pytest.mark.parametrize("width", [1, 2, 16, 17, 300])
def test_equal_sorted_differences(width, rank):
    values = normal(70, width) + 3.0
    np.testing.assert_allclose(found_by(values, rank), by_sorting(values, rank), rtol=1e-12)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("width", [2, 40])
@pytest.mark.parametrize("rank", [1, 4, 30])
def test_copies_count_as_neighbors(width, rank):
    values = normal(40, width)
    values = torch.cat([values, values[:20], values[:10], values[:1].repeat(30, 1)])[torch.randperm(100)]
    expected = by_sorting(values, rank)
    np.testing.assert_allclose(found_by(values, rank), expected, rtol=1e-12)
    assert (found_by(values, rank)[expected == 0.0] == 0.0).all()


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-8])
@pytest.mark.parametrize("rank", [1, 5])
def test_clusters_of_near_copies_are_resolved(gap, rank):
    """More near-copies than are kept, which single precision cannot tell apart."""
    centers = normal(3, 64) * 5.0 + 10.0
    values = centers.repeat(30, 1) + gap * normal(90, 64, seed=1)
    np.testing.assert_allclose(found_by(values, rank), by_sorting(values, rank), rtol=1e-7)


@pytest.mark.parametrize("side", [13, 2560])
def test_few_rows_with_too_many_candidates_are_resolved(monkeypatch, side):
    monkeypatch.setattr(neighbors, "_SPARE", 2)
    monkeypatch.setattr(neighbors, "_SIDE", side)
    values = normal(100, 64) + 10.0
    values[::10] = values[:1] + 1e-8 * normal(10, 64, seed=1)
    for rank in (1, 5):
        np.testing.assert_allclose(found_by(values, rank), by_sorting(values, rank), rtol=1e-7)


def test_candidates_of_many_blocks_do_not_pile_up(monkeypatch):
    """Clusters of near-copies over many blocks: each holds few candidates of a row, all together many."""
    monkeypatch.setattr(neighbors, "_SIDE", 25)
    monkeypatch.setattr(neighbors, "_SPARE", 5)
    values = normal(4, 64).repeat(150, 1) * 5.0 + 1e-8 * normal(600, 64, seed=1)
    seen = []
    whole = neighbors._padded
    monkeypatch.setattr(neighbors, "_padded", lambda *given: seen.append(len(given[1])) or whole(*given))
    np.testing.assert_allclose(found_by(values, 3), by_sorting(values, 3), rtol=1e-7)
    assert seen[0] <= 600 * (2 * (3 + 5) + 25)  # twice the most, and the block that exceeds it


@pytest.mark.usefixtures("_blocks")
def test_equal_distances_are_equal_bit_by_bit():
    """An orthogonal frame: all are at the same distance of all, so no ball contains another sample."""
    for width in (8, 40):
        values = torch.eye(width, dtype=torch.float64)
        points = Distinct.of(values)
        found = nearest(points, 5)
        assert len(found.squared.unique()) == 1
        assert found.squared[0].item() == pytest.approx(2.0)
        assert found.tied.all()


def test_column_and_tie_say_which_neighbor_it_is():
    for filler in (0, 30):
        line = torch.tensor([0.0, 1.0, 2.0, 10.0, 10.0, 10.0, 14.0, 20.0]).double()
        values = torch.zeros(8, 1 + filler).double()
        values[:, 0] = line
        points = Distinct.of(values)
        found = nearest(points, 1)
        order = points.index  # of the given rows among the distinct ones
        column = [line[(order == number).nonzero()[0, 0]].item() for number in found.column[order]]
        assert column[0] == 1.0
        assert column[1] in (0.0, 2.0)
        assert column[2:] == [1.0, 10.0, 10.0, 10.0, 10.0, 14.0]
        assert found.tied[order].tolist() == [False, True, False, True, True, True, False, False]


def test_distinct_rows_put_together_give_the_set_again():
    values = torch.cat([normal(5, 3), normal(5, 3).flip(0), torch.zeros(1, 3), -torch.zeros(1, 3)])
    points = Distinct.of(values)
    assert len(points.values) == 6
    assert sorted(points.counts.tolist()) == [2] * 6
    assert points.values[points.index].equal(values + 0.0)
    alone = Distinct.of(normal(7, 3))
    assert alone.values.equal(normal(7, 3))
    assert alone.counts.tolist() == [1] * 7


def test_one_point_many_times():
    points = Distinct.of(torch.ones(9, 30).double())
    assert nearest(points, 5).squared.tolist() == [0.0]
