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
    ranked = [(_rank(runs), rate) for rate, runs in scores.items() if runs]
    return min(ranked)[1] if ranked else None


def is_tie(scores: Mapping[float, Sequence[Figures]]) -> bool:
    """Say whether several rates scored the same to the last digit, as where all of them collapse at once.

    Example:
        >>> is_tie({1e-3: [{"modes": 1, "kl": 6.9}], 2e-3: [{"modes": 1, "kl": 6.9}]})
        True
    """
    ranks = [_rank(runs) for runs in scores.values() if runs]
    return len(ranks) > 1 and len(set(ranks)) == 1


def _rank(runs: Sequence[Figures]) -> tuple[float, float]:
    modes = fmean(float(run["modes"] or 0.0) for run in runs)
    return -modes, fmean(map(loss, runs))
