"""One case for each registered metric: how to build it, samples of one distribution, what is better."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_zoo.data.mixture import on_circle
from gan_zoo.metrics import METRICS, Metric
from gan_zoo.metrics.functional import fit_bins
from gan_zoo.metrics.learned_similarity import alexnet_features

COUNT = 97  # odd, so that two processes get unequal parts
CENTERS = on_circle(8, 1.0).double()
FAR = torch.arange(4.0)[:, None].repeat(1, 1200)
Samples = dict[str, Tensor]


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _modes(count: int) -> Tensor:
    return torch.arange(count) * 5 % 8  # every mode equally often, in no order that splits would favor


def points(count: int, seed: int) -> Samples:
    """Return a ring of eight narrow modes, `[N, 2]`."""
    noise = torch.randn(count, 2, generator=_generator(seed), dtype=torch.float64)
    values = CENTERS[_modes(count)] + 0.1 * noise
    return {"real": values, "fake": values}


def wide_points(count: int, seed: int) -> Samples:
    """Return four modes in 1200 dimensions, of which 700 have noise."""
    noise = torch.randn(count, 1200, generator=_generator(seed), dtype=torch.float64)
    noise[:, 700:] = 0.0
    return {"fake": FAR[torch.arange(count) % 4] + noise}


def probabilities(count: int, seed: int) -> Samples:
    """Return a sure and even classifier's answers, `[N, 8]`."""
    logits = torch.randn(count, 8, generator=_generator(seed), dtype=torch.float64)
    logits[torch.arange(count), _modes(count)] += 5.0
    return {"real": logits.softmax(1), "fake": logits.softmax(1)}


def predictions(count: int, seed: int) -> Samples:
    """Return class numbers, `[N]`."""
    return {"fake": (_modes(count) + seed) % 8}


def images(count: int, seed: int) -> Samples:
    """Return color images with patterns of their own and a brightness by class, `[N, 3, 36, 36]`."""
    coarse = torch.rand(count, 3, 9, 9, generator=_generator(seed))
    patterns = torch.nn.functional.interpolate(coarse, size=(36, 36), mode="bilinear")
    labels = torch.arange(count) % 3
    values = (60.0 * labels[:, None, None, None] + 120.0 * patterns).to(torch.uint8)
    return {"real": values, "fake": values, "labels": labels}


def paths(count: int, seed: int) -> Samples:
    """Return features along latent paths, `[P, S, D]`."""
    return {"fake": torch.randn(count, 6, 4, generator=_generator(seed), dtype=torch.float64).cumsum(1)}


def classify(batch: Tensor) -> Tensor:
    """Tell classes by brightness; a classifier that needs no training."""
    levels = batch.double().mean((1, 2, 3))
    return -(levels[:, None] - torch.tensor([60.0, 120.0, 180.0])).square()


@cache
def _trunk() -> str:
    """Return the path of random weights in the form that LPIPS reads, removed when the process ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "trunk.pth"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = alexnet_features()
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, path)
    return str(path)


@cache
def _bins() -> Any:
    return fit_bins(points(400, seed=9)["real"], 8)


@dataclass(frozen=True)
class Case:
    """How the laws meet one metric.

    Attributes:
        samples: count and seed to samples of one distribution, by side.
        options: with which it is built; a function where that takes time.
        better: a number of its result that is higher for better samples, where collapse moves it.
        ideal: that number for a set against itself, where there is one.
        by_position: whether it draws by position, so that the order of samples matters a little.
        least: with fewer samples it refuses.
        turns: how many times in turn collapse repeats each of three samples; 1 keeps them in their class.
    """

    samples: Callable[[int, int], Samples]
    options: Callable[[], dict[str, Any]] = dict
    better: Callable[[Any], float] | None = None
    ideal: float | None = None
    by_position: bool = False
    least: int = 1
    turns: int = 4


def _negative(result: float) -> float:
    return -result


CASES: dict[str, Case] = {
    "authenticity": Case(points, ideal=0.0, least=2),
    "birthday_support": Case(
        points,
        lambda: {"sizes": (6,), "repeats": 20},
        better=lambda result: -result.fake[6].rate,
        by_position=True,
        least=12,
    ),
    "discriminability": Case(
        images,
        lambda: {"classify": classify, "resolutions": [9, 36]},
        better=lambda result: result[36],
    ),
    "frechet_distance": Case(points, better=_negative, ideal=0.0, least=2),
    "inception_score": Case(probabilities, lambda: {"splits": 1}, better=lambda result: result.mean),
    "jensen_shannon_divergence": Case(probabilities, better=_negative, ideal=0.0),
    "kernel_distance": Case(
        points,
        lambda: {"subsets": None, "estimator": "biased"},
        better=lambda result: -result.mean,
        ideal=0.0,
    ),
    "latent_smoothness": Case(paths),
    "lpips": Case(
        images,
        lambda: {"trunk": _trunk(), "pairs": 20, "canonical": False},
        better=lambda result: result,
        by_position=True,
        least=2,
        turns=1,
    ),
    "mode_score": Case(probabilities, better=lambda result: result),
    "modes_captured": Case(
        points, lambda: {"centers": CENTERS, "std": 0.1}, better=lambda result: result.modes
    ),
    "modes_captured_1200d": Case(wide_points, lambda: {"centers": FAR}, better=lambda result: result.modes),
    "ms_ssim": Case(images, lambda: {"pairs": 20}, better=_negative, by_position=True, least=2, turns=1),
    "ndb": Case(points, lambda: {"bins": _bins()}, better=lambda result: -result.share),
    "nearest_neighbor_accuracy": Case(points, least=2, better=lambda result: -abs(result.overall - 0.5)),
    "precision_recall_density_coverage": Case(
        points,
        better=lambda result: result.coverage,
        ideal=1.0,
        least=6,
    ),
    "realism": Case(points, least=4),
    "sliced_wasserstein": Case(
        images,
        lambda: {"patches_per_image": 16, "directions": 16},
        better=lambda result: -result.mean,
        by_position=True,
    ),
    "stacked_modes": Case(predictions, lambda: {"classes": 8}, better=lambda result: result.modes),
    "vendi_score": Case(points, better=lambda result: result),
    "wasserstein_distance": Case(points, better=_negative, ideal=0.0),
}


def built(name: str) -> Metric:
    """Build a metric with the options of its case."""
    return METRICS.build(name, **CASES[name].options())


def drawn(name: str, seed: int = 1) -> Samples:
    """Return reals of seed 0 and fakes of another seed, for the sides that the metric looks at."""
    case, sides = CASES[name], built(name).sides
    real, fake = case.samples(COUNT, 0), case.samples(COUNT, seed)
    return {side: (real if side == "real" else fake)[side] for side in sides}


def fed(name: str, samples: Samples, sizes: tuple[int, ...] = (COUNT,)) -> Metric:
    """Return a metric that has seen `samples` in batches of `sizes`."""
    metric, start = built(name), 0
    for size in sizes:
        metric.update(**{side: values[start : start + size] for side, values in samples.items()})
        start += size
    return metric


def numbers(result: Any) -> Any:
    """Return a result as plain numbers, dictionaries and lists."""
    if is_dataclass(result) and not isinstance(result, type):
        result = asdict(result)
    if isinstance(result, dict):
        return {key: numbers(value) for key, value in result.items()}
    return result.double().flatten().tolist() if isinstance(result, Tensor) else result


def assert_same(first: Any, second: Any) -> None:
    """Compare two results up to the rounding of sums."""
    if isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif first is None or second is None:
        assert first is second
    else:
        assert first == pytest.approx(second, rel=1e-9, abs=1e-11, nan_ok=True)
