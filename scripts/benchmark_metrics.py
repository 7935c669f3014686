"""Time our metrics against plain formulations of the same, side by side in one process.

`python scripts/benchmark_metrics.py [case ...] [--rounds N] [--threads N] [--tiny]`

The two sides take turns; each figure is the ratio of medians over the rounds, and above 1 ours is faster.
Both sides must agree, or the script leaves with code 1. The plain side is `plain_metrics.py`.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy
import sklearn
import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

import plain_metrics
from gan_zoo.metrics.bins import Bins
from gan_zoo.metrics.functional.feature_statistics import feature_statistics
from gan_zoo.metrics.functional.frechet_distance import frechet_distance
from gan_zoo.metrics.functional.precision_recall_density_coverage import precision_recall_density_coverage
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_wasserstein

Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Case:
    """Two ways to the same numbers.

    Attributes:
        what: for the reader.
        ours: runs our function.
        plain: runs the plain formulation.
        goal: how many times faster ours should be.
        tolerance: largest relative difference of their numbers.
    """

    what: str
    ours: Callable[[], Numbers]
    plain: Callable[[], Numbers]
    goal: float
    tolerance: float


def features(samples: int, width: int, seed: int) -> torch.Tensor:
    """Return correlated features `[samples, width]`, float64, as a network's last layer has them."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(width // 4, width, generator=torch.Generator().manual_seed(0))
    values = torch.randn(samples, width // 4, generator=generator) @ mixing / width**0.5
    return (values + 0.1 * torch.randn(values.shape, generator=generator) + 0.05 * seed).relu().double()


def frechet(tiny: bool) -> Case:
    """Return the distance of two Gaussians of width 2048, given their statistics."""
    width = 64 if tiny else 2048
    real, fake = (feature_statistics(features(3 * width, width, seed)) for seed in (1, 2))
    given = [array.numpy() for each in (real, fake) for array in (each.mean, each.covariance)]
    return Case(
        f"Frechet distance, {width}-d, from statistics; scipy.linalg.sqrtm",
        lambda: [frechet_distance(real, fake)],
        lambda: [plain_metrics.frechet_distance(*given)],
        goal=4.0,
        tolerance=1e-6,
    )


def prdc(tiny: bool) -> Case:
    """Return precision, recall, density and coverage of 5,000 and 5,000 samples of width 2048."""
    samples, width = (200, 32) if tiny else (5000, 2048)
    real, fake = features(samples, width, 1).float(), features(samples, width, 2).float()

    def ours() -> list[float]:
        found = precision_recall_density_coverage(real, fake)
        return [found.precision, found.recall, found.density, found.coverage]

    return Case(
        f"PRDC, 2 x {samples} x {width}, k = 5, float32; scikit-learn's pairwise distances",
        ours,
        lambda: plain_metrics.precision_recall_density_coverage(real.numpy(), fake.numpy()),
        goal=4.0,
        tolerance=1e-3,
    )


def ndb(tiny: bool) -> Case:
    """Return the bins of 10,000 images of 3x32x32 pixels, 512 of which are used."""
    samples, count, chosen = (200, 10, 64) if tiny else (10_000, 100, 512)
    images = patterns(samples, 32, 0)
    dimensions = torch.arange(0, 3 * chosen, 3)
    centers = images[:count].flatten(1).double()
    scale = torch.ones(chosen, dtype=torch.float64)
    bins = Bins(centers[:, dimensions], dimensions, 0.0 * scale, scale, torch.ones(count), 3 * 32 * 32)
    values, places = images.flatten(1).double().numpy(), dimensions.numpy()
    return Case(
        f"NDB assignment, {samples} x 3072 ({chosen} used), {count} bins; a loop over bins",
        lambda: bins.assign(images).numpy(),
        lambda: plain_metrics.assign(values, centers.numpy(), places),
        goal=20.0,
        tolerance=0.0,
    )


def swd(tiny: bool) -> Case:
    """Return the sliced Wasserstein distance of images of 64 pixels; its patches are at random places."""
    samples, size, directions = (48, 32, 64) if tiny else (512, 64, 512)
    real, fake = patterns(samples, size, 0), patterns(samples, size, 1)
    return Case(
        f"SWD, 2 x {samples} x 3 x {size} x {size}, 128 patches, {directions} directions; columns sorted",
        lambda: list(sliced_wasserstein(real, fake, directions=directions).levels.values()),
        lambda: plain_metrics.sliced_wasserstein(real.numpy(), fake.numpy(), directions=directions),
        goal=1.5,
        tolerance=0.15,
    )


def patterns(samples: int, size: int, kind: int) -> torch.Tensor:
    """Return uint8 images `[samples, 3, size, size]` of blobs and noise; the second kind is rougher."""
    generator = torch.Generator().manual_seed(kind)
    coarse = torch.rand(samples, 3, 6 + 4 * kind, 6 + 4 * kind, generator=generator)
    blobs = torch.nn.functional.interpolate(coarse, size=size, mode="bilinear")
    noise = torch.rand(blobs.shape, generator=generator) ** (1 + 3 * kind)
    return (255.0 * (0.8 * blobs + 0.2 * noise)).clamp(0.0, 255.0).round().byte()


CASES: dict[str, Callable[[bool], Case]] = {"frechet": frechet, "prdc": prdc, "ndb": ndb, "swd": swd}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, time each case and return the exit code: 1 if the two sides disagree."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("cases", nargs="*", default=[], help=f"of {', '.join(CASES)}; all by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    options = parser.parse_args(arguments)
    unknown = [case for case in options.cases if case not in CASES]
    if unknown:
        parser.error(f"unknown case {unknown[0]}; known: {', '.join(CASES)}")
    torch.set_num_threads(options.threads)
    versions = f"torch {torch.__version__}, numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"{versions}, scikit-learn {sklearn.__version__}, {platform.processor() or platform.machine()}")
    print(f"{options.threads} threads, {options.rounds} rounds")
    with threadpool_limits(options.threads):
        agree = [report(CASES[name](options.tiny), options.rounds) for name in options.cases or CASES]
    return 0 if all(agree) else 1


def report(case: Case, rounds: int) -> bool:
    """Time both sides of a case in turns, print their times, and say whether their numbers agree."""
    print(f"\n{case.what}", flush=True)
    sides = {"ours": case.ours, "plain": case.plain}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    numbers: dict[str, np.ndarray] = {}
    for _ in range(rounds):
        for name, side in sides.items():
            start = time.perf_counter()
            found = side()
            seconds[name].append(time.perf_counter() - start)
            numbers[name] = np.asarray(found, dtype=np.float64)
    for name, values in seconds.items():
        spread = f"{min(values):.3f} to {max(values):.3f}"
        print(f"  {name:<6} {statistics.median(values):8.3f} s ({spread})", flush=True)
    ratio = statistics.median(seconds["plain"]) / statistics.median(seconds["ours"])
    difference = np.abs(numbers["ours"] - numbers["plain"]).max() / max(
        np.abs(numbers["plain"]).max(), 1e-300
    )
    agrees = bool(difference <= case.tolerance)
    verdict = "agree" if agrees else "DISAGREE"
    print(
        f"  ours is x{ratio:.1f} (goal x{case.goal:g}); they {verdict}: largest difference {difference:.1e}"
    )
    return agrees


if __name__ == "__main__":
    sys.exit(main())
