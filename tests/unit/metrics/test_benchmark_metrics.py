"""The benchmark runs, its plain side agrees exactly where nothing is drawn, and it sees a difference."""

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
    assert shown.count("they agree") == len(benchmark_metrics.CASES) == 4
    assert "(goal x20)" in shown


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
