"""Time our metrics against plain formulations of the same, side by side, and a full evaluation by itself.

`python scripts/benchmark_metrics.py [case ...] [--rounds N] [--threads N] [--tiny]`

The two sides take turns; each figure is the ratio of medians over the rounds, and above 1 ours is faster.
Both sides must agree, or the script leaves with code 1; a missed goal is said, no more, since it depends on
the machine. The plain side is `plain_metrics.py`. Nobody has written the evaluation plainly: it has seconds.
"""

from __future__ import annotations

import argparse
import atexit
import json
import platform
import statistics
import sys
import tempfile
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
from gan_zoo.assemble.evaluate_options import read_options
from gan_zoo.assemble.evaluate_sources import open_source
from gan_zoo.assemble.evaluating import evaluate_options
from gan_zoo.evaluation.extraction import make_extractor
from gan_zoo.metrics.bins import Bins
from gan_zoo.metrics.functional.feature_statistics import feature_statistics
from gan_zoo.metrics.functional.frechet_distance import frechet_distance
from gan_zoo.metrics.functional.precision_recall_density_coverage import precision_recall_density_coverage
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_wasserstein
from plain_metrics import features, patterns, shapes

Numbers = Sequence[float] | np.ndarray
VERDICT = {True: "met", False: "MISSED"}


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


@dataclass(frozen=True)
class Whole:
    """Something that has no plain side.

    Attributes:
        what: for the reader.
        run: runs it, and returns what it did.
        goal_s: how many seconds it may take.
    """

    what: str
    run: Callable[[], str]
    goal_s: float


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


def evaluation(tiny: bool) -> Whole:
    """Return a full evaluation of 10,000 grey images of 28 pixels, by the function of `scripts/evaluate.py`.

    It is timed from the reading of the files to the writing of numbers and picture. There are twice as many
    real images, so that reference and floor have 10,000 each. The classifier is trained before, and cached.
    """
    count = 200 if tiny else 10_000
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    place = Path(folder.name)
    for side, samples, seed in (("fake", count, 1), ("real", 2 * count, 2)):
        images, labels = shapes(samples, seed)
        np.savez(place / f"{side}.npz", images=images.numpy(), labels=labels.numpy())
    given = [f"fake={place}/fake.npz", f"real={place}/real.npz", f"n={count}", f"out={place}/evaluation.json"]
    given += [f"extractor.cache_dir={place}/cache", *(["extractor.epochs=1"] if tiny else [])]
    options = read_options(given)
    start = time.perf_counter()
    make_extractor(options.extractor, open_source(options).dataset, options.extractor_options)
    seconds = time.perf_counter() - start

    def run() -> str:
        evaluate_options(options)
        found = json.loads((place / "evaluation.json").read_text(encoding="utf-8"))
        protocols = {number["metric"]: number["protocol"] for number in found["numbers"].values()}
        patches = protocols.get("sliced_wasserstein", {}).get("patches_per_image", "no")
        failed = f"; not measured: {', '.join(found['failures'])}" if found["failures"] else ""
        return f"{len(found['numbers'])} numbers, {len(protocols)} metrics, SWD of {patches} patches{failed}"

    classifier = f"classifier from the cache (reading and training took {seconds:.0f} s)"
    return Whole(f"Full evaluation, {count} x 1 x 28 x 28, {classifier}", run, goal_s=60.0)


MAKERS: tuple[Callable[[bool], Case | Whole], ...] = (frechet, prdc, ndb, swd, evaluation)
CASES = {maker.__name__: maker for maker in MAKERS}


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


def report(case: Case | Whole, rounds: int) -> bool:
    """Time a case, print its times and whether it meets its goal, and say whether its numbers agree."""
    print(f"\n{case.what}", flush=True)
    return compare(case, rounds) if isinstance(case, Case) else clock(case, rounds)


def clock(case: Whole, rounds: int) -> bool:
    """Time what has no plain side; there is nothing that it could disagree with."""
    seconds, done = [], ""
    for _ in range(rounds):
        start = time.perf_counter()
        done = case.run()
        seconds.append(time.perf_counter() - start)
    spread, median = f"{min(seconds):.1f} to {max(seconds):.1f}", statistics.median(seconds)
    goal = f"goal {case.goal_s:g} s: {VERDICT[median < case.goal_s]}"
    print(f"  {median:.1f} s ({spread}; {goal}); {done}", flush=True)
    return True


def compare(case: Case, rounds: int) -> bool:
    """Time both sides of a case in turns, print their times, and say whether their numbers agree."""
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
    same = "agree" if agrees else "DISAGREE"
    goal = f"goal x{case.goal:g}: {VERDICT[bool(ratio >= case.goal)]}"
    print(f"  ours is x{ratio:.1f} ({goal}); they {same}: largest difference {difference:.1e}")
    return agrees


if __name__ == "__main__":
    sys.exit(main())
