"""Authenticity: the share of generated samples that are no near-copies of training samples.

Alaa et al. 2022, arXiv:2102.08921, section 4.3; times 100 it is the AuthPct of Stein et al. 2023,
arXiv:2306.04675.
"""

from __future__ import annotations

from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width
from gan_zoo.metrics.distances import squared_distance_blocks
from gan_zoo.metrics.neighbors import Distinct, nearest


def authenticity(train: Array, fake: Array) -> float:
    """Return the share of authentic samples among `fake` `[M, D]`, in [0, 1]; higher is better.

    A fake is authentic if its nearest training sample has another training sample nearer than the fake. There
    is no ideal value but that of held-out real samples; copies of training samples give 0.

    Args:
        train: features `[N, D]` of the training set, at least 2.
        fake: features `[M, D]`.

    Raises:
        UserError: for too few samples, different widths, or values that are not finite.
    """
    train, fake = as_float64(train, "train"), as_float64(fake, "fake")
    check_same_width(train, fake)
    check_enough(train, "train", 2, "a nearest training sample of a training sample")
    points = Distinct.of(train)
    radii = nearest(points, 1).squared
    authentic = 0
    for _, distances in squared_distance_blocks(fake, points.values):
        closest = distances.min(1)
        authentic += int((radii[closest.indices] < closest.values).sum())
    return authentic / len(fake)
