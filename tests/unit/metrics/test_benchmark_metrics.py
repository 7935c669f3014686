"""The benchmark runs, its plain side agrees exactly where nothing is drawn, and it sees a difference."""

import re
import time

import numpy as np
import pytest
import torch

import benchmark_metrics
import plain_metrics
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_distance
from gan_zoo.metrics.pyramid import laplacian_pyramid


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_all_cases_agree(capsys):
    assert benchmark_metrics.main(["--tiny", "--rounds", "1", "--threads", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("they agree") == len(benchmark_metrics.CASES) - 1 == 4
    assert re.search(r"\(goal x20: (met|MISSED)\); they agree", shown)
    assert re.search(r"Full evaluation, 200 x 1 x 28 x 28, .* took \d+ s", shown)
    assert re.search(r"goal 60 s: (met|MISSED)\); \d\d numbers, \d\d metrics, SWD of 16 patches", shown)


@pytest.mark.parametrize(("slept", "word"), [(0.0, "met"), (0.2, "MISSED")])
def test_a_missed_goal_is_said_and_no_error(capsys, slept, word):
    def nap(seconds, result):
        time.sleep(seconds)
        return result

    whole = benchmark_metrics.Whole("a nap", lambda: nap(slept, "done"), 0.1)
    assert benchmark_metrics.report(whole, 1)
    assert f"goal 0.1 s: {word}); done" in capsys.readouterr().out
    race = benchmark_metrics.Case("a race", lambda: nap(slept, [1.0]), lambda: nap(0.02, [1.0]), 0.5, 0.0)
    assert benchmark_metrics.report(race, 1)
    assert f"(goal x0.5: {word}); they agree" in capsys.readouterr().out


def test_the_evaluated_images_have_classes_and_are_the_same_each_time():
    images, labels = plain_metrics.shapes(50, 1)
    assert (images.dtype, tuple(images.shape)) == (torch.uint8, (50, 28, 28))
    assert set(labels.tolist()) == set(range(10))
    assert torch.equal(images, plain_metrics.shapes(50, 1)[0])
    assert not torch.equal(images, plain_metrics.shapes(50, 2)[0])


def test_a_difference_is_an_error(capsys, monkeypatch):
    monkeypatch.setattr(plain_metrics, "frechet_distance", lambda *_: 1.0)
    assert benchmark_metrics.main(["frechet", "--tiny", "--rounds", "1", "--threads", "1"]) == 1
    assert "they DISAGREE" in capsys.readouterr().out


def test_an_unknown_case_is_refused(capsys):
    with pytest.raises(SystemExit):
        benchmark_metrics.main(["fid"])
    assert "unknown case fid" in capsys.readouterr().err


def test_the_plain_side_of_swd_is_the_same_function():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 300, 12)).astype(np.float32)
    along = rng.standard_normal((12, 9)).astype(np.float32)
    ours = sliced_distance(*(torch.from_numpy(array) for array in (first, second, along.T.copy())))
    assert ours == pytest.approx(plain_metrics.sliced_distance(first, second, along), rel=1e-6)
    images = rng.uniform(0.0, 255.0, (2, 3, 32, 32)).astype(np.float32)
    for ours, plain in zip(
        laplacian_pyramid(torch.from_numpy(images), 16), plain_metrics.pyramid(images, 16), strict=True
    ):
        np.testing.assert_allclose(ours.numpy(), plain, atol=1e-3)
