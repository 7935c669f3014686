"""From a finished run to its score: samples of the averaged generator, judged by the suite's protocol."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from gan_zoo.assemble.load import Trained, load_trained
from gan_zoo.benchmark.plan import PROTOCOL, Job
from gan_zoo.benchmark.protocols import PROTOCOLS, Judged
from gan_zoo.benchmark.suites import Suite
from gan_zoo.draws import Draws
from gan_zoo.networks.base import draw_latents

SEED = 2**31 - 1  # of the latents; no run has it
BATCH = 500


def score_run(job: Job, suite: Suite) -> dict[str, Any]:
    """Score a finished run from its checkpoint.

    Returns:
        Plain data: who and how, `figures` by name, `counts` of each mode, and for points in a plane `points`.
    """
    trained = load_trained(job.folder)
    judge = PROTOCOLS[suite.protocol](job.data, suite)
    for samples in draw(trained, suite.samples):
        judge.add(samples)
    summary = json.loads((job.folder / "summary.json").read_text(encoding="utf-8"))
    return {
        **_who(job, judge.result()),
        "generator_steps": summary["steps"]["generator"],
        "kimg": summary["kimg"],
        "seconds": summary["seconds"],
        "device": summary["device"],
        "commit": summary["git_commit"],
        "versions": summary["versions"],
    }


def score_real(job: Job, suite: Suite) -> dict[str, Any]:
    """Score the data that runs are trained on, by the same protocol."""
    judge = PROTOCOLS[suite.protocol](job.data, suite)
    for samples in judge.real():
        judge.add(samples)
    return _who(job, judge.result())


def draw(trained: Trained, count: int) -> Iterator[Tensor]:
    """Yield `count` samples in batches: images in [-1, 1], or vectors in data units."""
    generator = trained.generator
    latents = draw_latents(
        Draws(SEED), count, generator.latent_dim, "benchmark", prior=generator.latent_prior
    )
    with torch.no_grad():
        for batch in latents.split(BATCH):
            yield generator(batch).float() * trained.spec.scale


def _who(job: Job, judged: Judged) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "suite": job.suite,
        "method": job.method,
        "seed": job.seed,
        "learning_rate": job.rate,
        "figures": {name: _finite(value) for name, value in judged.figures.items()},
        "counts": judged.counts,
        "points": judged.points,
        "judged_by": judged.judged_by,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
