"""Suites agree with their configuration files, and their goals with the figures they are about."""

from gan_zoo.benchmark.plan import form_of
from gan_zoo.benchmark.published import PUBLISHED
from gan_zoo.benchmark.suites import METHODS, OURS, SUITES, TOY, TUNING_SEEDS, Figure, Goal
from gan_zoo.cli.catalog import configuration_folder, groups


def test_suites_and_methods_are_the_configuration_files() -> None:
    known = groups()
    assert known["benchmark"] == sorted(SUITES)
    forms = {form_of(method, suite, configuration_folder()) for method in METHODS for suite in SUITES}
    assert set(known["method"]) == forms | set(METHODS)
    assert set(TOY) < set(SUITES)
    assert OURS in METHODS
    assert set(PUBLISHED) == set(SUITES)


def test_goals_are_about_figures_that_are_shown() -> None:
    for suite in SUITES.values():
        assert {goal.key for goal in suite.goals} <= {figure.key for figure in suite.figures}


def test_a_goal_has_bounds_and_needs_its_figure() -> None:
    goal = Goal("std_ratio", 0.8, 1.2)
    assert [goal.met({"std_ratio": value}) for value in (0.79, 0.8, 1.2, 1.21, None)] == [
        *(False, True, True, False, False)
    ]
    assert not goal.met({})


def test_all_goals_must_be_met() -> None:
    good = {"modes": 8, "high_quality": 0.985, "kl": 0.001, "std_ratio": 1.0, "spacing": 0.8}
    assert SUITES["ring"].goals_met(good)
    for worse in (
        ("modes", 7),
        ("high_quality", 0.979),
        ("kl", 0.0021),
        ("std_ratio", 0.7),
        ("spacing", 0.1),
    ):
        assert not SUITES["ring"].goals_met({**good, worse[0]: worse[1]})


def test_tuning_seeds_are_not_the_default_ones() -> None:
    assert not set(TUNING_SEEDS) & set(range(10))


def test_figures_are_shown_as_shares_counts_and_gaps() -> None:
    assert Figure("kl", "KL", 4).show(0.01) == "0.0100"
    assert Figure("share", "share", 1, percent=True).show(0.5) == "50.0"
    assert Figure("modes", "modes", count=True).show_one(8.0) == "8"
    assert Figure("modes", "modes").show(None) == "-"
    assert Figure("modes", "modes", count=True).show_one(None) == "-"
