"""Modes of stacked digits: the floor of true samples, classes from probabilities, bad input."""

import math

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import stacked_modes
from gan_zoo.metrics.functional.stacked_modes import tally_stacked_modes


def test_true_samples_reach_the_floor():
    generator = torch.Generator().manual_seed(0)
    found = [stacked_modes(torch.randint(1000, (26_000,), generator=generator)) for _ in range(50)]
    kl = torch.tensor([each.kl for each in found])
    assert kl.mean().item() == pytest.approx(0.0193, abs=0.0005)
    assert kl.std().item() == pytest.approx(0.0009, abs=0.0004)
    assert {each.modes for each in found} == {1000}


def test_classes_are_read_off_the_channels():
    digits = torch.tensor([[1, 2, 3], [1, 2, 3], [9, 9, 9], [0, 0, 7]])
    probabilities = 0.05 + 0.5 * torch.nn.functional.one_hot(digits, 10)
    classes = digits @ torch.tensor([100, 10, 1])
    assert stacked_modes(probabilities) == stacked_modes(classes)
    found = stacked_modes(classes)
    assert (found.modes, found.modes_twice) == (3, 1)
    assert found.kl == pytest.approx(math.log(1000.0) - 1.5 * math.log(2.0))


def test_the_class_of_three_digits_is_written_in_their_order():
    probabilities = torch.nn.functional.one_hot(torch.tensor([[1, 2, 3]]), 10)
    assert tally_stacked_modes(probabilities).nonzero().tolist() == [[123]]


def test_collapse_and_evenness():
    assert stacked_modes(torch.zeros(50)).kl == math.log(1000.0)
    assert stacked_modes(torch.arange(1000)).kl == pytest.approx(0.0, abs=1e-12)
    assert stacked_modes(torch.arange(10), classes=10).modes == 10


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (torch.tensor([1000]), "in 0..999"),
        (torch.tensor([-1]), "got -1"),
        (torch.tensor([1.5]), "got 1.5"),
        (torch.zeros(4, 10), "Run the digit classifier"),
        (torch.zeros(0), "no values"),
    ],
)
def test_refuses_what_is_no_class(predictions, message):
    with pytest.raises(UserError, match=message):
        stacked_modes(predictions)
