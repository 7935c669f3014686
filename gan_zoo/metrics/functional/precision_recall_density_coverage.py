"""Precision, recall, density and coverage of two sets of features.

Naeem et al. 2020, arXiv:2002.09797, equations 1-4; precision and recall are those of Kynkaanniemi et al.
2019, arXiv:1904.06991, with open balls.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gan_zoo.metrics.arrays import Array, as_single_or_double, check_enough, check_same_width
from gan_zoo.metrics.estimates import Estimates
from gan_zoo.metrics.neighbors import Distinct, nearest
from gan_zoo.metrics.options import whole

_NUMBERS = 2**23  # of distances at a time, 34 MB; indices of those within balls may take several times that


@dataclass(frozen=True)
class PRDC:
    """Four numbers; higher is better in all, 1 is ideal.

    Attributes:
        precision: share of fakes within some real's ball, in [0, 1]; insensitive to collapse.
        recall: share of reals within some fake's ball, in [0, 1]; outliers among the fakes raise it.
        density: in how many reals' balls a fake lies, divided by k; 1 for equal distributions, may exceed 1.
        coverage: share of reals with a fake in their ball, in [0, 1]; the one to watch for collapse.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def precision_recall_density_coverage(real: Array, fake: Array, neighbors: int = 5) -> PRDC:
    """Return precision, recall, density and coverage; higher is better.

    A ball around a sample reaches to its k-th nearest neighbor in its own set and is open: a distance must be
    strictly below the radius, so identical samples have empty balls. Two sets of one distribution have
    density 1 and coverage 1 - 2^-k on average if they are equally large; a set against itself has 1 in all
    four. Values depend on the numbers of samples: compare equal ones.

    Args:
        real: features `[N, D]`, more than `neighbors`.
        fake: features `[M, D]`, more than `neighbors`.
        neighbors: k.

    Raises:
        UserError: for too few samples, different widths, or values that are not finite.
    """
    whole("neighbors", neighbors, 1, 5)
    real, fake = (as_single_or_double(values, name) for values, name in ((real, "real"), (fake, "fake")))
    check_same_width(real, fake)
    for values, name in ((real, "real"), (fake, "fake")):
        check_enough(values, name, neighbors + 1, f"a {neighbors}-th nearest neighbor")
    reals, fakes = Distinct.of(real), Distinct.of(fake)
    return _counted(
        reals, nearest(reals, neighbors).squared, fakes, nearest(fakes, neighbors).squared, neighbors
    )


def _counted(
    reals: Distinct, real_radii: torch.Tensor, fakes: Distinct, fake_radii: torch.Tensor, neighbors: int
) -> PRDC:
    """Count from one pass over the distances of reals and fakes; copies count as often as they occur."""
    estimates = Estimates(reals.rounded, fakes.rounded)
    realistic = torch.zeros(len(fakes.values), dtype=torch.bool)
    covered, recalled = (torch.zeros(len(reals.values), dtype=torch.bool) for _ in range(2))
    balls = 0
    side = max(1, _NUMBERS // len(fakes.values))
    for start in range(0, len(reals.values), side):
        rows = slice(start, min(start + side, len(reals.values)))
        in_real, in_fake = estimates.below(rows, real_radii[rows, None], fake_radii[None])
        balls += int((reals.counts[rows][in_real[0]] * fakes.counts[in_real[1]]).sum())
        realistic[in_real[1]] = True
        covered[rows][in_real[0]] = True
        recalled[rows][in_fake[0]] = True
    real_count, fake_count = int(reals.counts.sum()), int(fakes.counts.sum())
    return PRDC(
        precision=int(fakes.counts[realistic].sum()) / fake_count,
        recall=int(reals.counts[recalled].sum()) / real_count,
        density=balls / (neighbors * fake_count),
        coverage=int(reals.counts[covered].sum()) / real_count,
    )
