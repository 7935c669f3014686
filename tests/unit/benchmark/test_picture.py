"""Pictures: points where there are points, bars elsewhere."""

import io

import numpy as np
import pytest
from helpers.benchmarks import make_score, make_setting
from PIL import Image, ImageColor

from gan_zoo.benchmark.compare import Results
from gan_zoo.benchmark.picture import GENERATED, TRUE, draw_picture
from gan_zoo.benchmark.suites import SUITES


def drawn(results: Results) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw_picture(results))).convert("RGB")).astype(int)


def holds(picture: np.ndarray, color: str) -> bool:
    return bool((np.abs(picture - np.array(ImageColor.getrgb(color))).sum(axis=2) < 40).any())


def test_points_are_drawn_over_true_ones_and_seeds_add_rows(results) -> None:
    two_seeds = drawn(results)
    assert holds(two_seeds, TRUE)
    results.reported = [score for score in results.reported if score["seed"] == 0]
    assert drawn(results).shape[0] < two_seeds.shape[0]


@pytest.mark.parametrize("suite", ["digits", "stacked_mnist"])
def test_shares_are_drawn_as_bars(suite: str) -> None:
    results = Results(SUITES[suite], [make_setting("js", suite)])
    results.reported = [{**make_score("js", 0, suite=suite), "points": []}]
    del results.reported[0]["figures"]["high_quality"]
    picture = drawn(results)
    assert holds(picture, GENERATED)
    assert holds(picture, TRUE)


def test_nothing_cannot_be_drawn(results) -> None:
    results.reported, results.real = [], None
    with pytest.raises(ValueError, match="no score"):
        draw_picture(results)
