"""Which curves share a chart, and how many points they keep."""

import math

import pytest

from gan_zoo.report.common_curves import mean_curve
from gan_zoo.report.curves import MOST_POINTS, Panel, common_axis, joined, panel_key, thinned
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


def test_all_charts_of_a_page_have_one_axis() -> None:
    short = Panel("a", "", "", log=False, series={"a/x": ([2.0, 3.0], [1.0, 2.0])})
    long = Panel(
        "b", "", "", log=False, series={"b_floor/x": ([5.0], [1.0]), "b/x": ([4.0, 9.0], [1.0, 2.0])}
    )
    axis = common_axis([short, long], kimg=8.0)
    assert axis == (0.0, 9.0)
    assert short.plain(axis)["x"] == [0.0, 2.0, 3.0, 9.0]
    assert short.plain(axis)["series"][0]["y"] == [None, 1.0, 2.0, None]
    floor = long.plain(axis)["series"][0]["y"]
    assert (floor[0], floor[-1]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("values", "log"), [([0.1, 2.0], True), ([1.0, 2.0], False), ([0.0, 9.0], False), ([-1.0, 9.0], False)]
)
def test_an_axis_is_logarithmic_only_over_a_power_of_ten(values: list[float], log: bool) -> None:
    panel = Panel("vitals/update_ratio", "", "", log=True, series={"a/x": ([0.0, 1.0], values)})
    assert panel.plain((0.0, 1.0))["log"] == log


def test_a_chart_knows_how_large_a_share_or_a_count_can_be() -> None:
    none = {"a/x": ([0.0, 1.0], [0.0, 0.0])}
    share = Panel("collapse/high_quality", "", "", False, none).plain((0.0, 1.0))
    count = Panel("collapse/modes", "", "", False, none, most=8.0).plain((0.0, 1.0))
    assert [(each["count"], each["most"]) for each in (share, count)] == [(False, 1.0), (True, 8.0)]


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


def test_axes_fill_the_page_and_say_where_they_are_logarithmic() -> None:
    rows = [{"loss": "js", "fd": 1.0, "kd": 1.0}, {"loss": "wgan", "fd": 5.0, "kd": 500.0}]
    drawn = parallel(rows, [1.0, 2.0])
    assert [axis["log"] for axis in drawn["axes"]] == [False, False, True]
    assert drawn["axes"][-1]["x"] > 1000
    for axis in drawn["axes"][1:]:  # labels of numbers stand above and below all lines
        assert all(not drawn["top"] <= y - 6 <= drawn["bottom"] for y, _ in axis["ticks"])


def test_runs_that_do_not_differ_make_no_drawing() -> None:
    assert parallel([{"loss": "js", "fd": 1.0}, {"loss": "js", "fd": 2.0}], [1.0, 2.0]) is None
