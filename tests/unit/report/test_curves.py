"""Which curves share a chart, and how many points they keep."""

import math

import pytest

from gan_zoo.report.common_curves import mean_curve
from gan_zoo.report.curves import MOST_POINTS, joined, panel_key, thinned
from gan_zoo.report.parallel import parallel


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("collapse/diversity_live", "collapse/diversity"),
        ("collapse/coverage_of_reals", "collapse/coverage"),
        ("quality_floor/fd/x@1", "quality/fd/x@1"),
        ("vitals/generator_lr", "vitals/lr"),
        ("vitals/overfitting", "vitals/ranking"),
        ("progress/fade", "progress/growth"),
        ("mine", "others/mine"),
    ],
)
def test_what_is_read_together_shares_a_chart(name: str, key: str) -> None:
    assert panel_key(name) == key


def test_a_peak_survives_thinning() -> None:
    kimg = [float(place) for place in range(10_000)]
    values = [100.0 if place == 5_432 else -50.0 if place == 77 else 0.0 for place in range(10_000)]
    places, kept = thinned(kimg, values)
    assert len(kept) <= MOST_POINTS + 2
    assert (max(kept), min(kept)) == (100.0, -50.0)
    assert (places[0], places[-1]) == (0.0, 9_999.0)
    assert places == sorted(places)


def test_what_is_not_finite_is_left_out() -> None:
    assert thinned([0.0, 1.0, 2.0], [math.nan, 1.0, math.inf]) == ([1.0], [1.0])


def test_curves_of_different_moments_share_an_axis() -> None:
    data = joined({"a/x": ([0.0, 2.0], [1.0, 2.0]), "a/y": ([1.0], [5.0])})
    assert data["x"] == [0.0, 1.0, 2.0]
    assert [series["y"] for series in data["series"]] == [[1.0, None, 2.0], [None, 5.0, None]]


def test_the_mean_over_seeds_goes_as_far_as_the_longest() -> None:
    assert mean_curve([([0.0, 1.0], [1.0, 1.0]), ([0.0, 1.0, 2.0], [3.0, 3.0, 3.0]), ([], [])]) == (
        [0.0, 1.0, 2.0],
        [2.0, 2.0, 3.0],
    )


def test_lines_pass_their_axes_at_their_values() -> None:
    rows = [
        {"loss": "js", "lr": "0.1", "fd": 1.0, "same": 3.0},
        {"loss": "wgan", "lr": "0.2", "fd": None, "same": 3.0},
    ]
    drawn = parallel(rows, [1.0, math.inf])
    assert [axis["name"] for axis in drawn["axes"]] == ["loss", "lr"]
    rows.append({"loss": "js", "lr": "0.2", "fd": 5.0, "same": 3.0})
    drawn = parallel(rows, [1.0, math.inf, 2.0])
    assert [axis["name"] for axis in drawn["axes"]] == ["loss", "lr", "fd"]
    assert [line["color"] for line in drawn["lines"]] == ["q0", "q-", "q2"]
    assert drawn["lines"][0]["path"].endswith(f"{drawn['bottom']:.1f}")  # the least value is at the bottom
    assert drawn["lines"][1]["path"].count("C") == 1  # nothing is drawn where there is no value


def test_runs_that_do_not_differ_make_no_drawing() -> None:
    assert parallel([{"loss": "js", "fd": 1.0}, {"loss": "js", "fd": 2.0}], [1.0, 2.0]) is None
