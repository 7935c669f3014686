"""Rows of several processes come back in the order of one, and statistics add up."""

import torch

from gan_zoo.metrics.accumulators import Rows, Statistics
from gan_zoo.metrics.functional import feature_statistics


def split(accumulator, rows, world):
    states = []
    for rank in range(world):
        part = accumulator()
        for row in rows[rank::world]:
            part.add(row[None])
        states.append(part.state())
    return states


def test_rows_are_dealt_in_turn():
    rows = torch.arange(14.0).reshape(7, 2)
    for world in (1, 2, 3, 7, 9):
        whole = Rows()
        whole.load(split(Rows, rows, world))
        assert whole.value().equal(rows)


def test_rows_keep_their_type_and_form():
    images = torch.arange(5 * 12).reshape(5, 3, 2, 2).to(torch.uint8)
    whole = Rows()
    whole.load(split(Rows, images, 2))
    assert whole.value().equal(images)
    assert whole.value().dtype == torch.uint8


def test_statistics_of_all_are_those_of_the_whole():
    rows = torch.randn(20, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    whole = Statistics()
    whole.load([*split(Statistics, rows, 3), {}])
    expected = feature_statistics(rows)
    assert whole.value().count == 20
    torch.testing.assert_close(whole.value().mean, expected.mean, rtol=1e-13, atol=1e-15)
    torch.testing.assert_close(whole.value().covariance, expected.covariance, rtol=1e-12, atol=1e-14)


def test_nothing_stays_nothing():
    for accumulator in (Rows(), Statistics()):
        accumulator.load([{}, {}])
        accumulator.join({})
        assert accumulator.value() is None
        assert accumulator.state() == {}
