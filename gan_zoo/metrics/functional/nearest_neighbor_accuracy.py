"""Leave-one-out accuracy of a 1-nearest-neighbor classifier that tells real from generated samples.

Lopez-Paz and Oquab 2017, arXiv:1610.06545; as a measure of GANs Xu et al. 2018, arXiv:1806.07755, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width
from gan_zoo.metrics.estimates import Estimates
from gan_zoo.metrics.neighbors import Distinct, nearest

_ROWS = 256  # with ties that are searched at a time


@dataclass(frozen=True)
class NearestNeighborAccuracy:
    """Shares of samples whose nearest other sample is of their own kind; 0.5 is ideal.

    Towards 1 the sets can be told apart; towards 0 fakes are copies of reals. A collapse onto realistic
    samples shows as a high share on fakes beside a low one on reals.

    Attributes:
        overall: over all samples.
        real: over real samples.
        fake: over generated samples.
    """

    overall: float
    real: float
    fake: float


def nearest_neighbor_accuracy(real: Array, fake: Array) -> NearestNeighborAccuracy:
    """Return how often the nearest neighbor of a sample is of its own kind; 0.5 is ideal.

    Where several samples are equally near, each has an equal vote.

    Args:
        real: features `[N, D]`, at least 2.
        fake: features `[N, D]`, as many, since otherwise chance is not 0.5.

    Raises:
        UserError: for too few samples, different numbers or widths, or values that are not finite.
    """
    real, fake = as_float64(real, "real"), as_float64(fake, "fake")
    check_same_width(real, fake)
    if len(real) != len(fake):
        raise UserError(
            f"There are {len(real)} real and {len(fake)} fake samples; chance is 0.5 for equal numbers only. "
            f"Give the first {min(len(real), len(fake))} of both."
        )
    for values, name in ((real, "real"), (fake, "fake")):
        check_enough(values, name, 2, "leaving a sample out and finding another one of its kind")
    points = Distinct.of(torch.cat([real, fake]))
    counts = torch.zeros(len(points.values), 2, dtype=torch.int64)  # of reals and fakes at each point
    kind = torch.arange(2).repeat_interleave(len(real))
    counts.index_put_((points.index, kind), torch.ones_like(kind), accumulate=True)
    shares = _shares_of_own_kind(points, counts)
    accuracy = (shares * counts).sum(0) / len(real)
    return NearestNeighborAccuracy(float(accuracy.mean()), float(accuracy[0]), float(accuracy[1]))


def _shares_of_own_kind(points: Distinct, counts: Tensor) -> Tensor:
    """Return for a real and for a fake at each point the share of own kind among its nearest, `[U, 2]`."""
    found = nearest(points, 1)
    votes = counts[found.column][:, None].repeat(1, 2, 1)  # [U, kind of the point, kind of its neighbor]
    copied = (found.column == torch.arange(len(counts)))[:, None, None]
    votes -= copied * torch.eye(2, dtype=torch.int64)  # nobody votes for itself
    apart = (found.tied & ~copied[:, 0, 0]).nonzero()[:, 0]
    if len(apart):
        estimates = Estimates(points.rounded, points.rounded)
        for rows in apart.split(_ROWS):
            near = estimates.within(rows, found.squared[rows, None])
            near[torch.arange(len(rows)), rows] = False
            votes[rows] = (near.double() @ counts.double()).long()[:, None]
    own = votes.diagonal(dim1=1, dim2=2).double()
    return own / votes.sum(2).clamp(min=1)  # 0 votes only where there is no such sample
