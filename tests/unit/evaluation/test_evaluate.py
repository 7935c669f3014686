from dataclasses import replace

import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.evaluation.evaluate import evaluate
from gan_zoo.evaluation.measures import MEASURES, Measure, Measurement
from gan_zoo.evaluation.protocol import protocol_of
from gan_zoo.evaluation.record import Quantity
from gan_zoo.extractors import build_extractor
from tests.unit.evaluation.planted import draw


class Count(Measure):
    """Counts what it is shown."""

    needs = ("features",)
    quantities = {"count": Quantity("higher"), "never": Quantity("lower", 0.0)}

    def __init__(self, fails_on: int = -1) -> None:
        self.calls, self.fails_on, self.most = 0, fails_on, None

    def measure(self, sample):
        self.calls += 1
        if self.calls == self.fails_on:
            raise RuntimeError("it broke")
        count = float(len(sample.features))
        return Measurement({"count": count, "never": float("nan")}, by_class={"c": [1.0, float("nan")]})

    def protocol(self):
        return {"estimator": "counting"}


class Paired(Count):
    paired = True


class Alone(Count):
    compares = False


def test_a_metric_that_fails_does_not_spoil_the_others(make_sets, context):
    measures = {"bad": Count(fails_on=1), "good": Count()}
    found = evaluate(make_sets(draw(300, 3)), measures, context)
    assert found.failures == {"bad": "RuntimeError: it broke"}
    assert [record.metric for record in found.records] == ["good", "good"]
    assert set(found.seconds) == {"bad", "good"}


@pytest.mark.parametrize(("call", "kind"), [(2, "floor"), (3, "ceiling")])
def test_the_value_survives_a_failing_floor_or_ceiling(make_sets, context, call, kind):
    record, _ = evaluate(make_sets(draw(300, 3)), {"m": Count(fails_on=call)}, context).records
    assert record.value == 300.0
    assert getattr(record, kind) is None
    assert record.protocol[f"{kind}_error"] == "RuntimeError: it broke"


def test_names_directions_and_values_that_are_not_finite(make_sets, context):
    found = evaluate(make_sets(draw(300, 3)), {"m": Count()}, context)
    first, second = found.records
    assert first.name == "count/shapes-planted-coarse-25@00000000"
    assert (first.direction, first.ideal, second.ideal) == ("higher", None, 0.0)
    assert (second.value, second.floor, second.ceiling) == (None, None, None)
    assert found.by_class["c"]["fake"] == [1.0, None]


def test_counts_and_protocol(make_sets, context):
    sets = make_sets(draw(500, 3), n=400)
    measures = {"m": Count(), "paired": Paired(), "alone": Alone(), "few": Count(), "few_pairs": Paired()}
    measures["few"].most = measures["few_pairs"].most = 50
    found = {record.metric: record for record in evaluate(sets, measures, context).records}
    counts = {
        name: tuple(record.protocol[key] for key in ("n_real", "n_fake", "n_floor", "n_ceiling"))
        for name, record in found.items()
    }
    assert counts == {
        "m": (400, 400, 400, 400),
        "paired": (400, 400, 400, 400),
        "alone": (400, 500, 400, 500),
        "few": (400, 50, 50, 50),
        "few_pairs": (50, 50, 50, 50),
    }
    protocol = found["m"].protocol
    assert protocol["extractor"] == "shapes-planted-coarse-25@00000000"
    assert protocol["extractor_sha256"] == "0" * 64
    assert protocol["estimator"] == "counting"
    assert protocol["seed"] == 0
    assert protocol["value_range"] == "uint8 0..255"
    assert protocol["comparable_to_published"] is False
    assert protocol["versions"]["torch"] == torch.__version__.split("+")[0]
    assert "held-out samples" in protocol["real_split"]


def test_features_are_extracted_once_per_set(make_sets, context, extractor):
    evaluate(make_sets(draw(300, 3)), {"a": Count(), "b": Count(), "c": Paired()}, context)
    assert sorted(extractor.looked) == [300, 300, 400]


def test_the_same_evaluation_twice_and_in_another_order(make_sets, context):
    names = ["frechet_distance", "kernel_distance", "ndb", "ms_ssim", "birthday_support"]
    sets, found = make_sets(draw(300, 3)), []
    for order in (names, names[::-1]):
        measures = {name: MEASURES.build(name) for name in order}
        found.append({record.name: record.plain() for record in evaluate(sets, measures, context).records})
    assert found[0] == found[1]


def test_no_global_random_state_is_touched(make_sets, context):
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    names = ["kernel_distance", "ndb", "ms_ssim", "sliced_wasserstein"]
    evaluate(make_sets(draw(120, 3)), {name: MEASURES.build(name) for name in names}, context)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_an_empty_floor_leaves_the_value(make_sets, context):
    from dataclasses import replace

    from gan_zoo.evaluation.sets import SampleSet

    sets = make_sets(draw(300, 3))
    nothing = Samples(torch.empty(0, 1, 20, 20, dtype=torch.uint8))
    sets = replace(sets, floor=SampleSet(nothing.values))
    names = ("frechet_distance", "precision_recall_density_coverage")
    found = evaluate(sets, {name: MEASURES.build(name) for name in names}, context)
    assert found.failures == {}
    assert all(record.value is not None and record.floor is None for record in found.records)
    assert all(record.protocol["floor_error"] for record in found.records)
    record = evaluate(sets, {"m": Count()}, context).records[0]
    assert record.protocol["floor_error"] == (
        "it needs at least 1 other real samples, there are 0: without any there is nothing to measure. "
        "Give more, or leave it out."
    )


def test_progress_names_the_current_metric(make_sets, context, capsys):
    evaluate(make_sets(draw(50, 3)), {"counting_things": Count()}, context, show_progress=True)
    assert "counting_things" in capsys.readouterr().err


def test_a_floor_of_another_number_of_samples_is_told_and_no_place_for_the_value(make_sets, context):
    from dataclasses import replace

    from gan_zoo.evaluation.table import gauge_of

    class Uncounted(Count):
        counts_matter = False

    sets = replace(make_sets(draw(500, 3), n=400), compared=500)  # as n_real= has it
    measures = {"m": Count(), "other": Count(), "paired": Paired(), "uncounted": Uncounted()}
    found = evaluate(sets, measures, context)
    assert {record.metric: record.protocol["comparable_to_floor"] for record in found.records} == {
        "m": False, "other": False, "paired": True, "uncounted": True,
    }  # fmt: skip
    (warning,) = found.warnings
    assert warning.startswith("m, other: values are of 500 generated samples, floors of 400 real ones.")
    assert warning.endswith("type n=400.")
    placed = {"floor": 1.0, "ceiling": 9.0, "value": 5.0, "direction": "lower"}
    records = [replace(record, **placed) for record in found.records]
    assert [bool(gauge_of(record)) for record in records] == [
        record.protocol["comparable_to_floor"] for record in records
    ]
    even = evaluate(make_sets(draw(400, 3), n=400), measures, context)
    assert even.warnings == []
    assert all(record.protocol["comparable_to_floor"] for record in even.records)


def test_what_was_done_to_images_and_what_the_extractor_warns_of_is_kept(make_sets, context):
    from dataclasses import replace

    sets = replace(make_sets(draw(100, 3)), prepared="made grey")
    found = evaluate(sets, {"m": Count()}, replace(context, warnings=("second best",)))
    assert found.records[0].protocol["prepared"] == "made grey"
    assert found.warnings == ["second best"]


PUBLISHED = [name for name in MEASURES if MEASURES[name].published_n is not None]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_setting_of_a_published_protocol_is_declared_and_is_the_default(name):
    measure = MEASURES.build(name)
    parameters = {key: parameter.default for key, parameter in MEASURES.parameters(name).items()}
    assert measure.published == parameters


@pytest.mark.parametrize(
    ("name", "settings", "comparable"),
    [
        ("frechet_distance", {}, True),
        ("inception_score", {}, True),
        ("inception_score", {"splits": 1}, False),
        ("kernel_distance", {}, True),
        ("kernel_distance", {"subsets": 1}, False),
        ("kernel_distance", {"subset_size": 500}, False),
        ("kernel_distance", {"subset_size": 60_000}, False),
    ],
)
def test_only_published_settings_make_a_number_comparable(make_sets, context, name, settings, comparable):
    context.extractor.canonical = True
    measure, samples = MEASURES.build(name, **settings), range(50_000)
    if name == "kernel_distance":
        measure.number = None if measure.subset_size > len(samples) else measure.subsets
        measure.size = min(measure.subset_size, len(samples))
    counts = {"n_real": 50_000, "n_fake": 50_000, "n_floor": 50_000}
    protocol = protocol_of(measure, context, make_sets(draw(50, 3)), counts, {})
    assert protocol["comparable_to_published"] is comparable
    fewer = protocol_of(measure, context, make_sets(draw(50, 3)), {**counts, "n_fake": 49_999}, {})
    assert fewer["comparable_to_published"] is False


class Many(Count):
    def least(self):
        return 150, "so many"


def test_each_metric_refuses_too_few_samples_for_itself(make_sets, context):
    found = evaluate(make_sets(draw(100, 3)), {"many": Many(), "any": Count()}, context)
    assert found.failures == {
        "many": "it needs at least 150 generated samples, there are 100: so many. Give more, or leave it out."
    }
    assert found.records[0].value == 100.0
    found = evaluate(make_sets(draw(200, 3), n=120), {"many": Many()}, context)
    assert "150 generated samples, there are 120" in found.failures["many"]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("precision_recall_density_coverage", 50),
        ("realism", 30),
        ("authenticity", 50),
        ("ndb", 100),
        ("kernel_distance", 50),
        ("class_shares", 20),
        ("inception_score", 100),
        ("birthday_support", 20),
    ],
)
def test_least_numbers_of_samples(make_sets, context, name, least):
    for count, fails in ((least - 1, True), (least, False)):
        found = evaluate(make_sets(draw(count, 3)), {name: MEASURES.build(name)}, context)
        assert (name in found.failures) == fails, found.failures


def test_a_singular_covariance_is_told(make_sets, context):
    few, many = (
        evaluate(make_sets(draw(n, 3)), {"fd": MEASURES.build("frechet_distance")}, context) for n in (25, 26)
    )
    assert "25 samples with 25 features" in few.warnings[0]
    assert many.warnings == []


def test_a_support_that_is_only_an_upper_bound_is_told(make_sets, context):
    one = Samples(draw(1, 3).values.repeat(200, 1, 1, 1))
    found = evaluate(make_sets(one), {"birthday_support": MEASURES.build("birthday_support")}, context)
    assert found.warnings == ["birthday_support is 2.9 at most: batches of 2 hold near-duplicates already."]


@pytest.mark.parametrize("asked", [True, False])
def test_the_bar_of_images_is_drawn_where_the_bar_of_metrics_is(
    make_sets, context, monkeypatch, capsys, asked
):
    sets = make_sets(draw(300, 3))
    pixels = build_extractor("pixels", train_images=sets.reference.values)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    evaluate(sets, {"m": Count()}, replace(context, extractor=pixels), show_progress=asked)
    assert ("Extracting features" in capsys.readouterr().err) == asked
