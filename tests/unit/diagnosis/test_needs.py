"""What could not be looked for: by the columns that each rule reads, one way at a time."""

import math

import pytest

from gan_zoo.diagnosis import KINDS, History, diagnose
from gan_zoo.diagnosis.needs import NEEDS, in_words, not_looked_for

ILL = {
    "collapse/diversity": 0.05,
    "collapse/diversity_live": 0.05,
    "collapse/pair_diversity": 0.05,
    "collapse/energy_distance_live": 0.5,
    "collapse/drift": 1.0,
    "collapse/copy_distance": 0.2,
    "collapse/coverage": 0.3,
    "collapse/coverage_of_reals": 1.0,
    "vitals/separation": 1.0,
    "vitals/overfitting": 0.9,
    "vitals/generator_gradient_norm": 0.0,
    "vitals/generator_weight_norm": 8.0,
}
WAYS = [(kind, way) for kind, ways in NEEDS.items() for way in ways]


def of(names, kind):
    """Return a history that has columns alone, as ill as the finding needs."""
    planted = ILL | ({"collapse/energy_distance_live": 20.0} if kind == "divergence" else {})
    looks = range(51)
    return History(
        {"progress/kimg": look, "vitals/run_share": look / 50, **{name: planted[name] for name in names}}
        for look in looks
    )


@pytest.mark.parametrize(("kind", "way"), WAYS)
def test_each_way_is_enough_and_none_of_its_columns_too_many(kind, way):
    assert kind in [finding.kind for finding in diagnose(of(way, kind))]
    assert kind not in not_looked_for(of(way, kind))
    for name in way:
        without = of([other for other in way if other != name], kind)
        assert kind not in [finding.kind for finding in diagnose(without)]
        assert kind in not_looked_for(without)


def test_every_kind_is_there_and_a_whole_history_lacks_nothing(rows):
    assert set(NEEDS) == set(KINDS)
    assert not_looked_for(History(rows())) == {}


def test_the_columns_of_the_nearest_way_are_named(rows):
    missing = dict.fromkeys(("overfitting", "copy_distance", "energy_distance_live", "generator_weight_norm"))
    history = History(rows(**missing))
    assert not_looked_for(history) == {
        "divergence": ("collapse/energy_distance_live",),
        "discriminator_overpowering": ("collapse/energy_distance_live",),
        "oscillation": ("collapse/energy_distance_live",),
        "memorization": ("vitals/overfitting",),
    }


def test_a_column_without_a_finite_number_is_missing(rows):
    assert not_looked_for(History(rows(coverage=math.nan))) == {"partial_mode_loss": ("collapse/coverage",)}


def test_words():
    assert in_words({"divergence": ("a",), "partial_mode_loss": ("b", "c")}) == (
        "Not looked for, as their columns are missing: divergence of finite numbers (a), "
        "partial mode loss (b, c)."
    )
