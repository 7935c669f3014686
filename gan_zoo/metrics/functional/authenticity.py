"""Authenticity: the share of generated samples that are no near-copies of training samples.

Alaa et al. 2022, arXiv:2102.08921, section 4.3; times 100 it is the AuthPct of Stein et al. 2023,
arXiv:2306.04675.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width
from gan_zoo.metrics.distances import pair_distances, squared_distance_blocks
from gan_zoo.metrics.neighbors import Distinct


def authenticity(train: Array, fake: Array) -> float:
    """Return the share of authentic samples among `fake` `[M, D]`, in [0, 1]; higher is better.

    A fake is authentic if its nearest training sample has another training sample nearer than the fake. There
    is no ideal value but that of held-out real samples; copies of training samples give 0. So `train` must be
    all that the generator was trained on: copies of what it leaves out are not seen. For N training samples
    the time grows with N M, not with its square.

    Args:
        train: features `[N, D]` of the whole training set, at least 2.
        fake: features `[M, D]`.

    Raises:
        UserError: for too few samples, different widths, or values that are not finite.
    """
    train, fake = as_float64(train, "train"), as_float64(fake, "fake")
    check_same_width(train, fake)
    check_enough(train, "train", 2, "a nearest training sample of a training sample")
    points = Distinct.of(train)
    closest = _closest(fake, points.values)
    # Both from differences: then equal distances compare as equal.
    away = pair_distances(fake, points.values, torch.arange(len(fake)), closest)
    centers, place = closest.unique(return_inverse=True)
    radii = torch.zeros(len(centers), dtype=torch.float64)  # of what is there twice
    alone = (points.counts[centers] == 1).nonzero()[:, 0]
    if len(alone) and len(points.values) > 1:
        others = _closest(points.values[centers[alone]], points.values, own=centers[alone])
        radii[alone] = pair_distances(points.values, points.values, centers[alone], others)
    return int((radii[place] < away).sum()) / len(fake)


def _closest(rows: Tensor, points: Tensor, own: Tensor | None = None) -> Tensor:
    """Return which of `points` `[U, D]` is nearest to each of `rows` `[M, D]`, `[M]`; never its `own` one."""
    found = []
    for block, distances in squared_distance_blocks(rows, points):
        if own is not None:
            distances[torch.arange(len(distances)), own[block]] = torch.inf
        found.append(distances.argmin(1))
    return torch.cat(found)
