"""The rule by which a learning rate is chosen."""

import math

import pytest

from gan_zoo.benchmark.choose import WORST, choose_rate, is_tie, loss


def run(modes: int, quality: float | None = None, kl: float | None = 0.01) -> dict:
    figures = {"modes": modes, "kl": kl}
    return figures if quality is None else {**figures, "high_quality": quality}


def test_more_modes_come_first() -> None:
    assert choose_rate({1e-3: [run(8, 0.5, 0.3)], 3e-3: [run(7, 0.99, 0.001)]}) == 1e-3


def test_rates_with_one_score_are_a_tie_and_the_smaller_one_is_taken() -> None:
    collapsed = {3e-3: [run(1, kl=6.9)], 1e-3: [run(1, kl=6.9)]}
    assert is_tie(collapsed)
    assert choose_rate(collapsed) == 1e-3


@pytest.mark.parametrize("other", [[run(2, kl=6.9)], [run(1, kl=6.8)], []])
def test_different_scores_or_a_single_one_are_no_tie(other) -> None:
    assert not is_tie({1e-3: [run(1, kl=6.9)], 3e-3: other})


def test_then_evenness_and_quality_together() -> None:
    assert choose_rate({1e-3: [run(8, 0.6, 0.001)], 3e-3: [run(8, 0.97, 0.02)]}) == 3e-3
    assert choose_rate({1e-3: [run(8, 0.97, 0.1)], 3e-3: [run(8, 0.96, 0.001)]}) == 3e-3


def test_without_quality_evenness_decides() -> None:
    assert choose_rate({1e-3: [run(10, kl=0.02)], 3e-3: [run(10, kl=0.01)]}) == 3e-3


def test_the_mean_over_tuning_seeds_counts() -> None:
    assert choose_rate({1e-3: [run(8, 0.9), run(2, 0.9)], 3e-3: [run(6, 0.9), run(6, 0.9)]}) == 3e-3


def test_of_equals_the_smaller_rate_wins() -> None:
    assert choose_rate({3e-3: [run(8, 0.9)], 1e-3: [run(8, 0.9)]}) == 1e-3


def test_failed_rates_lose_and_nothing_is_chosen_from_nothing() -> None:
    assert choose_rate({1e-3: [], 3e-3: [run(0, 0.0)]}) == 3e-3
    assert choose_rate({1e-3: [], 3e-3: []}) is None


def test_the_loss_is_in_nats() -> None:
    assert loss(run(8, 1 / math.e, 0.5)) == pytest.approx(1.5)
    assert loss(run(8, 0.0)) == WORST
    assert loss(run(8, kl=None)) == WORST
