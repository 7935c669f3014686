"""Which learning rate a method is reported with, from runs on seeds that are never reported.

The rule: more modes first; then the smaller of KL(modes || uniform) - log(share of high quality), both in
nats. So of two runs that have all modes the one wins that is more even and more precise; where a suite has
no high quality, evenness alone decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from gan_zoo.benchmark.suites import Figures

RULE = "more modes, then the smaller KL - log(high quality)"
WORST = 1e3  # nats; of a run without a sample of high quality


def loss(figures: Figures) -> float:
    """Return KL - log(high quality) in nats, lower is better.

    Example:
        >>> round(loss({"modes": 8, "kl": 0.01, "high_quality": 0.95}), 4)
        0.0613
    """
    divergence, quality = figures.get("kl"), figures.get("high_quality", 1.0)
    if divergence is None or quality is None or quality <= 0.0:
        return WORST
    return divergence - math.log(quality)


def choose_rate(scores: Mapping[float, Sequence[Figures]]) -> float | None:
    """Return the learning rate whose runs are best, the smaller one of equals; None without any score.

    Args:
        scores: by learning rate, the figures of its runs on the tuning seeds; empty where all failed.
    """
    ranked = []
    for rate, runs in sorted(scores.items()):
        if runs:
            modes = fmean(float(run["modes"] or 0.0) for run in runs)
            ranked.append((-modes, fmean(map(loss, runs)), rate))
    return min(ranked)[2] if ranked else None
