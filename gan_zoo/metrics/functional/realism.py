"""Realism of single samples.

Kynkaanniemi et al. 2019, arXiv:1904.06991, equation 5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width
from gan_zoo.metrics.distances import squared_distance_blocks
from gan_zoo.metrics.neighbors import Distinct, nearest
from gan_zoo.metrics.options import whole


def realism(real: Array, fake: Array, neighbors: int = 3) -> Tensor:
    """Return how realistic each of `fake` `[M, D]` is, `[M]`, float64; higher is better.

    It is the largest ratio of a real's radius, the distance to its k-th nearest real, to its distance from
    the
    fake: at least 1 within some ball, infinite for a copy of a real. Only balls smaller than the median one
    count, since those of outliers reach too far. Ideal is what held-out real samples have.

    Args:
        real: features `[N, D]`, more than `neighbors`.
        fake: features `[M, D]`.
        neighbors: k.

    Raises:
        UserError: for too few samples, different widths, or values that are not finite.
    """
    whole("neighbors", neighbors, 1, 3)
    real, fake = as_float64(real, "real"), as_float64(fake, "fake")
    check_same_width(real, fake)
    check_enough(real, "real", neighbors + 1, f"a {neighbors}-th nearest neighbor")
    points = Distinct.of(real)
    squared = nearest(points, neighbors).squared
    median = squared[points.index].quantile(0.5)
    small = squared < median
    if not small.any():  # all radii are equal
        small = squared <= median
    centers, radii = points.values[small], squared[small]
    best = [
        # 0 / 0 is a copy of a real that has copies.
        (radii / distances).nan_to_num(nan=torch.inf, posinf=torch.inf).amax(1)
        for _, distances in squared_distance_blocks(fake, centers)
    ]
    return torch.cat(best).sqrt()
