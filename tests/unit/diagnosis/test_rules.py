"""Each failure, planted in a healthy history; and everything that looks like one and is none."""

import math

import pytest

from gan_zoo.diagnosis import KINDS, History, diagnose
from gan_zoo.diagnosis.rules import RULES

NAN = math.nan


def late(value, otherwise, since=0.4):
    """Return `value` from a share of the run on."""
    return lambda share, look: value if share >= since else otherwise


FAILURES = {
    "collapse": {"diversity": late(0.05, 1.0), "energy_distance": late(0.6, 0.02)},
    "collapse of the live generator": {
        "diversity_live": late(0.05, 1.0), "energy_distance_live": late(0.6, 0.02),
    },
    "collapse without a distance": {
        "diversity": late(0.05, 1.0), "energy_distance": None, "energy_distance_live": None,
    },
    "collapse by the distance of the live generator": {
        "diversity": late(0.05, 1.0), "energy_distance": None, "energy_distance_live": late(0.6, 0.02),
    },
    "collapse within classes": {"pair_diversity": late(0.05, 0.9)},
    "partial_mode_loss": {"coverage": late(0.6, 1.0), "energy_distance": late(0.05, 0.02)},
    "partial_mode_loss of known modes": {"coverage": late(0.875, 1.0), "modes_of_data": 8.0, "modes": 7.0},
    "partial_mode_loss hidden by stray samples": {
        "modes_of_data": 8.0, "modes": late(6.0, 8.0), "high_quality": 0.8,
    },
    "memorization": {"overfitting": late(0.9, 0.5)},
    "memorization by copies": {"copy_distance": late(0.2, 1.2)},
    "discriminator_overpowering": {"separation": late(1.0, 0.7), "energy_distance_live": late(0.5, 0.02)},
    "discriminator_overpowering by silence": {"generator_gradient_norm": late(0.0, 1.0)},
    "discriminator_overpowering by silence alone": {
        "generator_gradient_norm": late(0.0, 1.0), "energy_distance": None, "energy_distance_live": None,
    },
    "oscillation": {
        "drift": late(1.0, 0.1), "energy_distance": late(0.2, 0.02),
        "energy_distance_live": lambda share, look: 0.2 + 0.2 * (look % 3 > 0),
    },
    "divergence": {"not_finite": late(4.0, 0.0)},
    "divergence of the samples": {"energy_distance_live": late(20.0, 0.02)},
    "divergence of the scores": {"logit_gap": late(5e3, 1.0), "energy_distance_live": late(0.3, 0.02)},
    "divergence of the weights": {
        "generator_weight_norm": late(5e3, 8.0), "energy_distance_live": late(0.3, 0.02),
    },
}  # fmt: skip


def kinds(rows):
    return [finding.kind for finding in diagnose(History(rows))]


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_is_found_once_soon_and_with_its_beginning(rows, failure):
    found = diagnose(History(rows(**FAILURES[failure])))
    assert [finding.kind for finding in found] == [failure.split()[0]]
    (finding,) = found
    if "oscillation" not in failure:
        assert 36.0 <= finding.since_kimg <= 42.0
    else:
        assert finding.since_kimg == pytest.approx(40.0, abs=4.0)
    assert finding.since_kimg < finding.at_kimg <= 60.0
    assert any(character.isdigit() for character in finding.evidence)
    assert finding.remedies
    assert any(remedy.in_place for remedy in finding.remedies)


def test_silence_is_told_without_a_distance_that_is_not_known(rows):
    silent = {"generator_gradient_norm": late(0.0, 1.0)}
    (finding,) = diagnose(History(rows(**silent, energy_distance_live=None)))
    assert "the fakes are" not in finding.evidence
    some = rows(**silent, energy_distance_live=lambda share, look: 0.3 if look % 2 else math.nan)
    assert "the fakes are 0.30 of" in diagnose(History(some))[0].evidence


def test_moves_that_cancel_in_the_averaged_generator_are_no_oscillation(rows):
    restless = {"drift": 1.0, "energy_distance_live": lambda share, look: 0.2 + 0.2 * (look % 3 > 0)}
    assert kinds(rows(**restless, energy_distance=0.05)) == []
    assert kinds(rows(**restless, energy_distance=0.2)) == ["oscillation"]
    assert kinds(rows(**restless, energy_distance=lambda share, look: 0.9 * (1.0 - share) ** 2)) == []
    assert kinds(rows(**restless, energy_distance=None)) == ["oscillation"]


def test_every_kind_has_a_rule_and_a_test():
    assert set(RULES) == set(KINDS) == {failure.split()[0] for failure in FAILURES}


def test_a_healthy_run_has_no_finding(rows):
    assert kinds(rows()) == []


HARMLESS = {
    "a bad moment": {
        "diversity": lambda share, look: 0.05 if 20 <= look <= 23 else 1.0, "energy_distance": 0.6
    },
    "alike but near the data": {"diversity": 0.3, "diversity_live": 0.3, "energy_distance": 0.1},
    "alike but near the data by the live generator's distance": {"diversity": 0.3, "energy_distance": None},
    "more and more diverse, without a distance": {
        "diversity": lambda share, look: min(1.0, 0.05 * math.exp(5.0 * share)),
        "energy_distance": None, "energy_distance_live": None,
    },
    "far but diverse": {"energy_distance": 0.9, "energy_distance_live": 0.9},
    "slow, but on its way": {
        "diversity": lambda share, look: 0.1 + 0.5 * share,
        "energy_distance": lambda share, look: math.exp(-4 * share),
    },
    "modes found one by one": {"coverage": lambda share, look: 0.3 + 0.7 * share, "modes_of_data": 25.0},
    "cells missed by chance": {"coverage": lambda share, look: 0.8 if look % 2 else 0.95},
    "no more cells than reals fill": {"coverage": 0.66, "coverage_of_reals": 0.9},
    "D wins early and G follows": {
        "separation": 1.0, "energy_distance_live": lambda share, look: math.exp(-5 * share)
    },
    "D wins against good fakes": {"separation": 1.0},
    "a wandering generator on the data": {"drift": 0.8},
    "some overfitting": {"overfitting": 0.65},
    "a single number that is not finite": {"not_finite": lambda share, look: float(look == 20)},
    "scores that grow with good fakes": {"logit_gap": lambda share, look: 1.0 + 1e3 * share},
    "the untrained generator": {"diversity": lambda share, look: 0.0 if share < 0.1 else 1.0},
    "far at first": {"energy_distance_live": lambda share, look: 10.0 if look < 5 else 0.02},
    "nothing but scores": dict.fromkeys(
        ["diversity", "diversity_live", "energy_distance", "energy_distance_live", "coverage", "drift"]
    ),
    "nothing held out": dict.fromkeys(["overfitting", "copy_distance", "accuracy_held_out"]),
    "numbers that are missing now and then": {"diversity": lambda share, look: None if look % 2 else 1.0},
}  # fmt: skip


@pytest.mark.parametrize("case", HARMLESS)
def test_what_looks_like_a_failure_and_is_none(rows, case):
    assert kinds(rows(**HARMLESS[case])) == []


@pytest.mark.parametrize(
    ("name", "sick", "well", "further"),
    [
        ("diversity", 0.39, 0.41, {"energy_distance": 0.6}),
        ("energy_distance", 0.16, 0.14, {"diversity": 0.05}),
        ("coverage", 0.69, 0.71, {}),
        ("overfitting", 0.71, 0.69, {}),
        ("copy_distance", 0.49, 0.51, {}),
        ("separation", 0.985, 0.975, {"energy_distance_live": 0.5}),
    ],
)
def test_on_both_sides_of_a_limit(rows, name, sick, well, further):
    assert len(kinds(rows(**{name: sick}, **further))) == 1
    assert kinds(rows(**{name: well}, **further)) == []


def test_a_short_run_is_not_judged(rows):
    collapsed = rows(diversity=0.05, energy_distance=0.9)
    for looks in range(19):
        assert kinds(collapsed[:looks]) == []
    assert kinds(collapsed[:19]) == ["collapse"]  # at 36 % of the run


def test_a_few_dozen_steps_are_not_judged(rows):
    collapsed = {"diversity": 0.05, "energy_distance": 0.9}
    assert kinds(rows(**collapsed, generator_steps=lambda share, look: 100.0 * share)) == []
    assert kinds(rows(**collapsed, generator_steps=lambda share, look: 300.0 * share)) == ["collapse"]
    assert kinds(rows(**collapsed, generator_steps=None)) == ["collapse"]


def test_the_gap_of_an_untrained_discriminator_is_no_measure(rows):
    planted = {"logit_gap": lambda share, look: 1e-4 if share < 0.1 else 0.9, "energy_distance_live": 0.5}
    assert kinds(rows(**planted)) == []


def test_few_looks_need_five_of_them(rows):
    collapsed = rows(diversity=0.05, energy_distance=0.9)[::5]
    assert [len(kinds(collapsed[:looks])) for looks in range(1, 9)] == [0, 0, 0, 0, 0, 0, 1, 1]


def test_everything_undefined_is_divergence_alone(rows):
    made = rows()
    for row in made[30:]:
        row.update(dict.fromkeys((name for name in row if name.startswith("collapse/")), NAN))
        row["vitals/not_finite"] = 12.0
    (finding,) = diagnose(History(made))
    assert (finding.kind, finding.since_kimg, finding.at_kimg) == ("divergence", 60.0, 62.0)
