"""Inception score from class probabilities.

Salimans et al. 2016, arXiv:1606.03498, section 4; the splits and the population standard deviation are those
of the authors' published program. With the canonical network it is the IS.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from gan_zoo.metrics.arrays import Array, check_enough
from gan_zoo.metrics.options import whole
from gan_zoo.metrics.probabilities import as_probabilities


@dataclass(frozen=True)
class InceptionScore:
    """exp(E KL(p(y|x) || p(y))), between 1 and the number of classes.

    Attributes:
        mean: over the splits; higher is better, the number of classes is ideal.
        std: population standard deviation over the splits.
    """

    mean: float
    std: float


def inception_score(probabilities: Array, splits: int = 10) -> InceptionScore:
    """Return the score of `probabilities` `[N, K]` of generated samples; higher is better, K is ideal.

    It is high where each sample is classified with certainty and all classes occur equally often. It cannot
    see collapse within classes. Split i holds the rows from i N // S to (i + 1) N // S, as they come, so rows
    must not be sorted by class.

    Args:
        probabilities: p(y|x) of each sample, rows that sum to 1.
        splits: S.

    Raises:
        UserError: for rows that are no probabilities, or fewer samples than splits.

    Example:
        >>> inception_score(torch.eye(4), splits=1)
        InceptionScore(mean=4.0, std=0.0)
    """
    rows = as_probabilities(probabilities, "probabilities")
    whole("splits", splits, 1, 10)
    check_enough(rows, "probabilities", splits, f"a score with splits={splits}")
    edges = [index * len(rows) // splits for index in range(splits + 1)]
    scores = torch.stack([mean_divergence(rows[start:stop]).exp() for start, stop in pairwise(edges)])
    return InceptionScore(float(scores.mean()), float(scores.std(correction=0)))


def mean_divergence(rows: Tensor) -> Tensor:
    """Return E KL(p(y|x) || p(y)) in nats of `[N, K]`, float64; 0 log 0 is 0."""
    marginal = rows.mean(0)
    entropy = -torch.special.xlogy(rows, rows).sum(1).mean()
    return (-torch.special.xlogy(marginal, marginal).sum() - entropy).clamp(min=0.0)
