"""How a run of `prove_alarm.py` ended, judged from samples that the alarm has not seen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo.assemble.load import load_trained
from gan_zoo.benchmark.classifiers import digit_classes
from gan_zoo.data.load import load_dataset
from gan_zoo.metrics.functional import precision_recall_density_coverage
from gan_zoo.pictures import to_uint8

SAMPLES = 10_000
BATCH = 500
SEED = 2**31 - 1  # of the first batch; no run has it
SHARE = 0.1  # of what is due to a mode or class, from which it is there
MODES = 0.9  # share of the modes or classes that must be there
NEAR = 0.25  # of the distance between two modes: so near to one a sample belongs to it


def end_of(folder: Path) -> dict[str, Any]:
    """Judge 10,000 samples of the averaged generator of a run.

    A run ended badly that lacks more than a tenth of the modes, or of the classes of digits. So did one whose
    samples lie near the modes of a mixture no more often than a Gaussian's of the data's mean and covariance,
    or cover less than a tenth of the real digits: a classifier finds classes in noise, too.

    Returns:
        `modes`: modes or classes that have a tenth of their share at least.
        `good`: share of the samples that belong to some mode; of digits, which part of the real ones they
        cover in pixels (PRDC), in units of what as many real ones cover.
        `bad`: whether the run ended badly.
    """
    trained = load_trained(folder)
    data = dict(trained.about["config"]["data"])
    parts = (trained.generator.sample(BATCH, seed=SEED - part) for part in range(SAMPLES // BATCH))
    samples = torch.cat(list(parts)).float() * trained.spec.scale
    counts, good, least = _digits(data, samples) if data["name"] == "digits" else _points(data, samples)
    modes = int((counts >= SHARE * len(samples) / len(counts)).sum())
    bad = modes < MODES * len(counts) or good < least
    return {"modes": modes, "modes_of_data": len(counts), "good": round(good, 3), "bad": bad}


def _points(data: dict[str, Any], samples: Tensor) -> tuple[Tensor, float, float]:
    """Return counts of modes `[K]`, the share of samples that belong to one, and that of a Gaussian."""
    dataset = load_dataset({**data, "samples": SAMPLES, "held_out_samples": 1})
    assert dataset.modes is not None
    real, centers = dataset.train.values.float(), dataset.modes.float()
    if samples.shape[1] > 2:  # 1200-D: modes differ in the mean over coordinates, the rest is noise
        samples, real, centers = (values.mean(1, keepdim=True) for values in (samples, real, centers))
    blob = torch.distributions.MultivariateNormal(real.mean(0), real.T.cov().reshape(2 * [real.shape[1]]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        least = float(_belonging(blob.sample((SAMPLES,)), centers)[1].float().mean())
    nearest, belongs = _belonging(samples, centers)
    counts = torch.bincount(nearest[belongs], minlength=len(centers))
    return counts, float(belongs.float().mean()), least


def _belonging(samples: Tensor, centers: Tensor) -> tuple[Tensor, Tensor]:
    """Return the nearest mode of each sample and whether it is near, `[N]` each."""
    distance, nearest = torch.cdist(samples.nan_to_num(1e6, 1e6, -1e6), centers).min(1)
    return nearest, distance <= NEAR * torch.pdist(centers).min()


def _digits(data: dict[str, Any], samples: Tensor) -> tuple[Tensor, float, float]:
    """Return counts of classes `[10]`, the relative coverage, and the least that is well."""
    whole = {key: value for key, value in data.items() if key != "held_out"}  # cases may train on few digits
    images = to_uint8(samples)
    counts = torch.bincount(digit_classes(whole, images), minlength=10)
    first, second = _halves(data["size"])
    fakes = images[: len(second)].flatten(1)
    floor = precision_recall_density_coverage(first, second).coverage
    return counts, precision_recall_density_coverage(first, fakes).coverage / floor, SHARE


@cache
def _halves(size: int) -> tuple[Tensor, Tensor]:
    """Return all real digits `[N, D]`, uint8, in two halves drawn at random."""
    dataset = load_dataset({"name": "digits", "size": size, "held_out": 0.1, "flip": False})
    images = torch.cat([dataset.train.values, dataset.held_out.values]).flatten(1)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    first, second = images[order].split([len(images) - len(images) // 2, len(images) // 2])
    return first, second
