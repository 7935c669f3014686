import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.errors import UserError
from gan_zoo.evaluation.sets import SampleSet, check_alike, collapse, divide


def numbered(first: int, count: int, labels: bool = False) -> Samples:
    """Return vectors that say which row they are."""
    rows = torch.arange(first, first + count)
    return Samples(rows[:, None].float(), rows % 3 if labels else None)


def rows(samples: SampleSet) -> list[int]:
    return samples.values[:, 0].long().tolist()


def test_held_out_samples_are_the_floor_where_there_are_enough():
    reals = divide(numbered(0, 100), numbered(1000, 60), 50, None, 0)
    assert (len(reals.reference), len(reals.floor)) == (50, 50)
    assert max(rows(reals.reference)) < 100
    assert min(rows(reals.floor)) >= 1000
    assert "50 of 100 training samples; floor: 50 held-out samples" in reals.split


def test_few_held_out_samples_are_joined_by_training_samples_outside_the_reference():
    reals = divide(numbered(0, 100), numbered(1000, 10), 10_000, None, 0)
    assert (len(reals.reference), len(reals.floor)) == (55, 55)
    assert not set(rows(reals.reference)) & set(rows(reals.floor))
    assert sum(row >= 1000 for row in rows(reals.floor)) == 10
    assert "45 training samples outside the reference" in reals.split


def test_without_held_out_samples_the_training_samples_are_halved():
    reals = divide(numbered(0, 101), Samples(torch.empty(0, 1)), 10_000, None, 0)
    assert (len(reals.reference), len(reals.floor)) == (50, 51)
    assert sorted(rows(reals.reference) + rows(reals.floor)) == list(range(101))


def test_a_reference_of_another_size():
    reals = divide(numbered(0, 100), numbered(1000, 60), 20, 100, 0)
    assert (len(reals.reference), len(reals.floor)) == (100, 20)
    with pytest.raises(UserError, match="n_real=101: there are 100"):
        divide(numbered(0, 100), numbered(1000, 60), 20, 101, 0)


def test_the_choice_is_the_seeds_and_random():
    def chosen(seed: int) -> list[int]:
        return rows(divide(numbered(0, 100), numbered(1000, 60), 30, None, seed).reference)

    assert chosen(3) == chosen(3)
    assert chosen(3) != chosen(4)
    assert chosen(3) != sorted(chosen(3))


def test_labels_follow_their_samples():
    reals = divide(numbered(0, 100, labels=True), numbered(999, 10, labels=True), 50, None, 0)
    for samples in (reals.reference, reals.floor):
        assert [row % 3 for row in rows(samples)] == samples.labels.tolist()


def test_a_collapsed_set_repeats_few_samples():
    images = SampleSet(torch.arange(30, dtype=torch.uint8).reshape(30, 1, 1, 1), torch.arange(30))
    found = collapse(images, 95)
    assert len(found) == 95
    assert found.values.unique().tolist() == list(range(10))
    assert found.labels.tolist() == found.values.flatten().tolist()
    assert found.origin == "10 real samples, repeated"
    assert len(collapse(SampleSet(torch.randn(30, 2)), 40).values.unique(dim=0)) == 2


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5, 3, 8, 8), "The real images are grey, the generated ones color. Type that"),
        ((5, 1, 8, 9), r"shape \[1, 8, 8\], the generated ones \[1, 8, 9\]. Type that"),
        ((5, 2), "give both as images"),
        ((0, 1, 8, 8), "no generated samples"),
    ],
)
def test_samples_that_cannot_be_compared(shape, message):
    real = SampleSet(torch.zeros(4, 1, 8, 8, dtype=torch.uint8))
    with pytest.raises(UserError, match=message):
        check_alike(real, SampleSet(torch.zeros(shape, dtype=torch.uint8)), "generated", "Type that.")


def test_values_that_are_not_finite():
    broken = torch.zeros(5, 2)
    broken[1, 0], broken[3, 1] = float("nan"), float("inf")
    with pytest.raises(UserError, match="2 of 5 generated samples hold values that are not finite"):
        check_alike(SampleSet(torch.zeros(4, 2)), SampleSet(broken), "generated", "")


def test_the_collapsed_set_is_never_the_floor_itself():
    images = SampleSet(torch.arange(30, dtype=torch.uint8).reshape(30, 1, 1, 1))
    assert collapse(images, 7).values.flatten().tolist() == [0, 1, 2, 0, 1, 2, 0]
    few = SampleSet(images.values[:12])
    assert len(collapse(few, 100).values.unique()) == 6
    assert len(collapse(SampleSet(images.values[:1]), 1)) == 1


@pytest.mark.parametrize("all_seen", [False, True])
def test_every_sample_that_may_be_remembered_is_in_one_place(all_seen):
    reals = divide(numbered(0, 100), numbered(1000, 30), 40, None, 0, all_seen)
    seen = rows(SampleSet(reals.floor.values[reals.floor_seen]))
    rest = reals.rest.take(torch.arange(len(reals.rest)))[:, 0].long().tolist()
    expected = [*range(100), *(range(1000, 1030) if all_seen else ())]
    assert sorted(rows(reals.reference) + seen + rest) == expected


def test_channels_have_a_hint_of_their_own():
    real = SampleSet(torch.zeros(4, 1, 8, 8, dtype=torch.uint8))
    with pytest.raises(UserError, match=r"color\. Colors\.$"):
        check_alike(real, SampleSet(real.values.repeat(1, 3, 1, 1)), "generated", "Sizes.", "Colors.")
