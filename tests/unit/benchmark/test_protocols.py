"""Protocols judge planted samples as they should."""

import pytest
import torch

from gan_zoo.benchmark import protocols
from gan_zoo.benchmark.protocols import PROTOCOLS, Judged
from gan_zoo.benchmark.suites import SUITES

DATA = {
    "ring": {"name": "ring", "samples": 20_000},
    "grid": {"name": "grid", "samples": 20_000},
    "gaussians_1200d": {"name": "gaussians_1200d", "samples": 2_000},
}


def judge(suite: str, samples: torch.Tensor | None = None) -> Judged:
    """Judge samples, or the real data, in uneven batches."""
    judge = PROTOCOLS[SUITES[suite].protocol](DATA[suite], SUITES[suite])
    for batch in judge.real() if samples is None else samples.split(700):
        judge.add(batch)
    return judge.result()


@pytest.mark.parametrize("suite", ["ring", "grid"])
def test_real_points_reach_every_goal(suite: str) -> None:
    found = judge(suite)
    assert SUITES[suite].goals_met(found.figures)
    assert found.figures["published_modes"] == SUITES[suite].modes
    assert found.figures["published_kl"] > found.figures["kl"]  # fewer samples
    assert len(found.points) == protocols.POINTS
    assert {figure.key for figure in SUITES[suite].figures} <= set(found.figures)


def test_real_samples_in_1200_dimensions_reach_every_goal_but_not_the_published_rule() -> None:
    found = judge("gaussians_1200d")
    assert SUITES["gaussians_1200d"].goals_met(found.figures)
    assert found.figures["published_high_quality"] == 0.0
    assert {figure.key for figure in SUITES["gaussians_1200d"].figures} <= set(found.figures)


def test_point_masses_satisfy_the_published_rule_but_not_ours() -> None:
    centers = torch.tensor([-1.0, -0.5, 0.0, 0.5, -2.0, -2.5, 10.0, 0.25, -13.0, -5.5])
    found = judge("gaussians_1200d", centers.repeat(50)[:, None].expand(-1, 1200))
    assert found.figures["published_high_quality"] == 1.0
    assert found.figures["modes"] == 10
    assert found.figures["std_ratio"] == 0.0
    assert not SUITES["gaussians_1200d"].goals_met(found.figures)


def test_a_few_points_of_the_right_width_do_not_reach_the_goals() -> None:
    real = next(PROTOCOLS["mixture"](DATA["grid"], SUITES["grid"]).real())
    few = real[:500].repeat(10, 1)
    found, goals = judge("grid", few).figures, SUITES["grid"].goals
    assert found["spacing"] == 0.0
    assert 0.8 <= found["std_ratio"] <= 1.2
    assert [goal.key for goal in goals if not goal.met(found) and goal.key != "kl"] == ["spacing"]
    assert judge("grid").figures["spacing"] == pytest.approx(1.0, abs=0.1)


def test_one_mode_is_one_mode() -> None:
    around = torch.tensor([1.0, 0.0]) + 0.01 * torch.randn(
        5000, 2, generator=torch.Generator().manual_seed(0)
    )
    found = judge("ring", around)
    assert found.figures["modes"] == found.figures["published_modes"] == 1
    assert found.figures["kl"] == pytest.approx(torch.tensor(8.0).log().item())
    assert found.counts[0] == sum(found.counts)


def test_samples_that_are_not_finite_are_junk_not_an_error() -> None:
    samples = torch.tensor([[1.0, 0.0], [float("nan"), 0.0], [float("inf"), 0.0], [0.0, -float("inf")]])
    found = judge("ring", samples)
    assert found.figures["high_quality"] == 0.25
    assert found.figures["not_finite"] == 3


def test_strays_do_not_make_a_mode() -> None:
    samples = torch.cat([torch.tensor([[1.0, 0.0]]).repeat(1000, 1), torch.tensor([[0.0, 1.0]])])
    found = judge("ring", samples)
    assert (found.figures["modes"], found.figures["published_modes"]) == (1, 2)


@pytest.fixture
def perfect_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the digit from the brightness of the first pixel."""
    monkeypatch.setattr(protocols, "digit_classes", lambda data, images: images[:, 0, 0, 0].long() // 20)
    monkeypatch.setattr(protocols, "judged_by", lambda data: {"id": "perfect", "test_accuracy": 1.0})


def images(digits: torch.Tensor) -> torch.Tensor:
    """Return images in [-1, 1] whose channels show digits `[N, C]`."""
    return ((digits * 20 + 5).float() / 127.5 - 1.0)[:, :, None, None].expand(-1, -1, 4, 4)


@pytest.mark.usefixtures("perfect_classifier")
def test_digits_are_counted_by_class() -> None:
    judge = PROTOCOLS["digits"]({"name": "digits"}, SUITES["digits"])
    for batch in images(torch.arange(1000)[:, None] % 9).split(300):
        judge.add(batch)
    found = judge.result()
    assert (found.figures["modes"], found.figures["smallest"]) == (9, 0.0)
    assert found.counts == [112] + [111] * 8 + [0]


@pytest.mark.usefixtures("perfect_classifier")
def test_stacked_digits_are_counted_by_triple() -> None:
    judge = PROTOCOLS["stacked"]({"name": "stacked_mnist"}, SUITES["stacked_mnist"])
    triples = torch.cartesian_prod(*[torch.arange(10)] * 3)
    for batch in images(torch.cat([triples, triples[:500]])).split(300):
        judge.add(batch)
    found = judge.result()
    assert (found.figures["modes"], found.figures["modes_twice"]) == (1000, 500)
    assert found.counts[123] == 2
    assert found.counts[987] == 1
