"""Inception and mode score in closed form and against plain NumPy."""

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import inception_score, mode_score


def probabilities(count, classes, seed=0):
    logits = torch.randn(count, classes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (2.0 * logits).softmax(1)


def by_loops(rows, splits):
    """Split i is [i N // S, (i + 1) N // S); standard deviation over S, not S - 1."""
    rows, scores = rows.numpy(), []
    for split in range(splits):
        part = rows[split * len(rows) // splits : (split + 1) * len(rows) // splits]
        marginal = part.mean(0)
        divergences = [(row * (np.log(row) - np.log(marginal))).sum() for row in part]
        scores.append(np.exp(np.mean(divergences)))
    return np.mean(scores), np.std(scores)


@pytest.mark.parametrize(("count", "splits"), [(100, 10), (225, 10), (23, 7), (50, 1), (6, 6)])
def test_equals_plain_loops_with_uneven_splits_too(count, splits):
    rows = probabilities(count, 5)
    found = inception_score(rows, splits)
    expected = by_loops(rows, splits)
    assert found.mean == pytest.approx(expected[0], rel=1e-12)
    assert found.std == pytest.approx(expected[1], rel=1e-9, abs=1e-15)


def test_certain_and_even_predictions_reach_the_number_of_classes():
    found = inception_score(torch.eye(7).repeat(10, 1), splits=10)
    assert found.mean == pytest.approx(7.0, rel=1e-12)
    assert found.std == pytest.approx(0.0, abs=1e-12)


def test_unsure_or_collapsed_predictions_score_one():
    assert inception_score(torch.full((20, 4), 0.25), splits=2).mean == 1.0
    assert inception_score(torch.eye(4)[[2]].repeat(20, 1), splits=2).mean == 1.0


def test_mode_score_in_closed_form():
    even, certain = torch.full((8, 4), 0.25), torch.eye(4).repeat(3, 1)
    assert mode_score(certain, even) == pytest.approx(4.0, rel=1e-12)
    two_of_four = torch.eye(4)[[0, 1]].repeat(6, 1)  # IS 2, KL log 2 from the even marginal
    assert mode_score(two_of_four, certain) == pytest.approx(1.0, rel=1e-12)
    assert mode_score(two_of_four, two_of_four) == pytest.approx(2.0, rel=1e-12)


def test_mode_score_is_the_inception_score_times_the_distance_of_the_marginals():
    fake, real = probabilities(40, 6), probabilities(70, 6, seed=1)
    p, q = fake.mean(0), real.mean(0)
    divergence = (p * (p / q).log()).sum()
    expected = inception_score(fake, 1).mean * torch.exp(-divergence)
    assert mode_score(fake, real) == pytest.approx(float(expected), rel=1e-12)


def test_a_class_that_reals_never_have_costs_much_but_stays_a_number():
    score = mode_score(torch.eye(3), torch.eye(3)[[0, 1]])
    assert 0.0 < score < 1e-5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            torch.tensor([[2.0, -1.0], [0.5, 0.5]]),
            "1 of 2 rows are no probabilities; row 0 has the sum 1 and the minimum -1",
        ),
        (torch.randn(5, 10, generator=torch.Generator().manual_seed(0)), r"Give logits.softmax\(1\)"),
        (torch.full((3, 2), float("nan")), "not finite"),
        (torch.full((9, 2), 0.5), "9 samples are too few, a score with splits=10 needs at least 10"),
    ],
)
def test_what_is_no_set_of_probabilities_is_refused(rows, message):
    with pytest.raises(UserError, match=message):
        inception_score(rows)


def test_half_precision_sums_are_near_enough():
    assert inception_score(probabilities(20, 1000).half(), 2).mean >= 1.0


def test_mode_score_needs_one_classifier():
    with pytest.raises(UserError, match="3 classes for fakes and 4 for reals"):
        mode_score(torch.eye(3), torch.eye(4))
    with pytest.raises(UserError, match="splits=0"):
        inception_score(torch.eye(3), 0)
