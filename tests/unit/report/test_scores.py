"""By what runs are ranked, and how numbers are placed between real data and collapse."""

import math

import pytest

from gan_zoo.report.evaluation import rows, share_of_collapse
from gan_zoo.report.scores import Metric, choose, common, logged, mean_and_spread


@pytest.mark.parametrize(
    ("metric", "better", "worse"),
    [
        (Metric("fd", "fd", "lower"), 1.0, 2.0),
        (Metric("coverage", "coverage", "higher"), 0.9, 0.1),
        (logged("collapse/diversity"), 0.9, 1.3),
        (Metric("fd", "fd", "lower"), 1e9, math.nan),
    ],
)
def test_what_is_better_costs_less(metric: Metric, better: float, worse: float) -> None:
    assert metric.cost(better) < metric.cost(worse)


def test_the_number_that_most_runs_have_comes_first() -> None:
    rare, usual = Metric("fd", "fd", "lower"), logged("collapse/energy_distance")
    found = [{usual: 1.0}, {usual: 2.0, rare: 1.0}, {usual: 3.0}]
    assert common(found, 2) == [usual, rare]
    assert choose(None, found) == usual
    assert choose("fd", found) == rare
    assert choose(None, [{}]) is None


def test_the_spread_is_that_of_a_sample() -> None:
    assert mean_and_spread([1.0, 2.0, 3.0, math.nan]) == (2.0, 1.0)


def test_a_floor_of_another_number_of_samples_places_nothing() -> None:
    number = {"value": 3.0, "floor": 1.0, "ceiling": 5.0, "direction": "lower"}
    found = {
        name: {**number, "protocol": {} if placed is None else {"comparable_to_floor": placed}}
        for name, placed in (("old", None), ("even", True), ("uneven", False))
    }
    assert [row.share for row in rows({"numbers": found})] == [0.5, 0.5, None]


@pytest.mark.parametrize(
    ("value", "direction", "share"),
    [(1.0, "lower", 0.0), (9.0, "lower", 1.0), (0.0, "lower", 0.0), (-5.0, "near", None), (0.9, "near", 0.0)],
)
def test_a_share_stays_between_real_data_and_collapse(
    value: float, direction: str, share: float | None
) -> None:
    assert share_of_collapse(value, 1.0, 5.0, direction) == share
