"""Jensen-Shannon divergence of two histograms, in nats.

Lin 1991, "Divergence measures based on the Shannon entropy", equation 4.1 with equal weights.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64


def jensen_shannon_divergence(p: Array, q: Array) -> float:
    """Return KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2, in nats.

    Lower is better, 0 is ideal, log 2 means that they share nothing. This is the divergence itself;
    `scipy.spatial.distance.jensenshannon` returns its square root.

    Args:
        p: counts or probabilities, `[K]`; they are divided by their sum.
        q: the same for the other histogram.

    Raises:
        UserError: for negative or no counts, or histograms of different length.

    Example:
        >>> round(jensen_shannon_divergence(torch.tensor([1, 0]), torch.tensor([0, 3])), 6)
        0.693147
    """
    first, second = _distribution(p, "p"), _distribution(q, "q")
    if len(first) != len(second):
        raise UserError(f"Two histograms need the same bins: p has {len(first)}, q has {len(second)}.")
    middle = (first + second) / 2.0
    divergence = sum(
        torch.special.xlogy(part, part).sum() - torch.special.xlogy(part, middle).sum()
        for part in (first, second)
    )
    return max(0.0, float(divergence) / 2.0)


def _distribution(values: Array, name: str) -> Tensor:
    counts = as_float64(values, name, 1)
    total = counts.sum()
    if (counts < 0).any() or total == 0:
        raise UserError(f"{name}: expected counts or probabilities, at least one of them above 0.")
    return counts / total
