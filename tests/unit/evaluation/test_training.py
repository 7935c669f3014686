"""What a generator may remember: copies are found wherever their originals are."""

import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.errors import UserError
from gan_zoo.evaluation.evaluate import evaluate
from gan_zoo.evaluation.measures import MEASURES
from gan_zoo.evaluation.sets import Rest, SampleSet, Sets, collapse, divide
from gan_zoo.evaluation.training import Training, coarse
from gan_zoo.evaluation.views import whole
from tests.unit.evaluation.planted import SIDE, draw

TRAIN, HELD_OUT, N = 600, 500, 120


def sets_with(fake: Samples, all_seen: bool = True) -> Sets:
    reals = divide(draw(TRAIN, 1), draw(HELD_OUT, 2), N, None, 0, all_seen)
    given = SampleSet(fake.values)
    seen = {"floor_seen": reals.floor_seen, "rest": reals.rest}
    return Sets(reals.reference, given, reals.floor, collapse(reals.floor, N), N, reals.split, **seen)


def copies(of: str) -> Samples:
    sets = sets_with(draw(N, 3))
    return {
        "reference": Samples(sets.reference.values),
        "floor": Samples(sets.floor.values),
        "rest": Samples(sets.rest.take(torch.arange(0, len(sets.rest), 7))),
    }[of]


def authenticity(sets: Sets, context, **parameters):
    found = evaluate(sets, {"authenticity": MEASURES.build("authenticity", **parameters)}, context)
    assert found.failures == {}
    (record,) = found.records
    return record


@pytest.mark.parametrize("limit", [20_000, 260, 1])
@pytest.mark.parametrize("of", ["reference", "floor", "rest"])
def test_exact_copies_have_no_authenticity_wherever_they_are_from(context, of, limit):
    record = authenticity(sets_with(copies(of)), context, training=limit)
    assert record.value == 0.0
    assert record.floor > 0.3
    assert record.ceiling == 0.0


@pytest.mark.parametrize("limit", [20_000, 260])
def test_other_samples_of_the_same_kind_are_as_authentic_as_the_floor(context, limit):
    record = authenticity(sets_with(draw(400, 9)), context, training=limit, most=400)
    assert record.value == pytest.approx(record.floor, abs=0.16)  # two standard errors of .07 and .03


def test_a_run_never_saw_its_held_out_samples(context):
    record = authenticity(sets_with(copies("floor"), all_seen=False), context)
    assert record.value == record.floor > 0.3  # the floor has the same samples
    assert record.protocol["n_training"] == TRAIN


def test_the_protocol_says_what_was_looked_at(context):
    assert authenticity(sets_with(draw(N, 3)), context).protocol["training"] == "all 1100 training samples"
    protocol = authenticity(sets_with(draw(N, 3)), context, training=300).protocol
    assert protocol["n_training"] == 300
    assert protocol["training"].startswith("300 of 1100 training samples at random")
    assert "authenticity.training=1100 looks at all" in protocol["training"]


def test_only_what_is_near_is_extracted_of_a_large_rest(context, extractor):
    authenticity(sets_with(draw(N, 3)), context, training=260, most=60)
    assert sum(extractor.looked) < 3 * N + 20 + 2 * 2 * 60 + 1


def test_of_a_large_rest_the_nearest_and_its_own_nearest_are_looked_at(extractor):
    reference, sample = (
        whole(SampleSet(torch.full((1, 1, SIDE, SIDE), shade, dtype=torch.uint8)), extractor)
        for shade in (0, 190)
    )
    shades = torch.tensor([90, 202, 255, 200], dtype=torch.uint8)
    rest = Rest((Samples(shades[:, None, None, None].expand(-1, 1, SIDE, SIDE)), torch.arange(4)))
    training = Training(reference, reference, None, rest)
    found = training.features(sample, 1, with_floor=False)
    near = rest.take(torch.tensor([1, 3]))
    assert torch.equal(found[1:], extractor.features(near))


def test_the_reference_alone_is_refused(context):
    with pytest.raises(UserError, match=r"whole training set.* metrics=\[authenticity\]"):
        MEASURES.build("authenticity").fit(whole(SampleSet(draw(60, 1).values), context.extractor), context)


def test_the_rest_is_looked_up_across_its_parts():
    first, second = (Samples(torch.arange(start, start + 10.0)[:, None]) for start in (0, 100))
    rest = Rest((first, torch.tensor([3, 1, 2])), (second, torch.tensor([], dtype=torch.int64)))
    assert (len(rest), rest.take(torch.tensor([2, 0])).flatten().tolist()) == (3, [2.0, 3.0])
    both = Rest((first, torch.tensor([3, 1])), (second, torch.tensor([9, 8, 7])))
    assert both.take(torch.tensor([4, 0, 2, 1])).flatten().tolist() == [107.0, 3.0, 109.0, 1.0]


def test_without_a_rest_the_reference_and_what_was_seen_of_the_floor_count(extractor):
    reference, floor = (whole(SampleSet(draw(8, seed).values), extractor) for seed in (1, 2))
    training = Training(reference, floor, torch.arange(8) < 3, Rest())
    assert len(training) == 11
    assert len(training.features(floor, 100, with_floor=True)) == 11
    assert len(training.features(floor, 100, with_floor=False)) == 8


def test_coarse_pixels_and_vectors():
    assert coarse(torch.zeros(2, 3, 20, 5, dtype=torch.uint8)).shape == (2, 3 * 8 * 5)
    assert coarse(torch.ones(2, 7)).tolist() == torch.ones(2, 7).tolist()
