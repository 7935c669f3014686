"""Whether points fill a mode or repeat each other."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree
from torch import Tensor


def spacing(samples: Tensor, real: Tensor) -> float:
    """Return the median distance to the nearest other sample, over that of equally many real ones.

    A generator that repeats a few points can have all modes, of the right width and all of high quality:
    256 points did on the grid. Their nearest neighbors tell: 1 is ideal, 0 is repetition, more is haze.

    Args:
        samples: `[N, D]`, generated.
        real: `[M, D]`; as many of both are compared as the smaller set has.

    Returns:
        The ratio; NaN for fewer than two samples.

    Example:
        >>> import torch
        >>> real = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
        >>> spacing(real, real), spacing(2 * real, real), spacing(real[:100].repeat(5, 1), real)
        (1.0, 2.0, 0.0)
        >>> spacing(real[:250].repeat(2, 1), real)  # the nearest other one is enough
        0.0
    """
    count = min(len(samples), len(real))
    if count < 2:
        return float("nan")
    return _nearest(samples[:count]) / _nearest(real[:count])


def _nearest(points: Tensor) -> float:
    array = points.double().cpu().numpy()
    distances, _ = KDTree(array).query(array, k=2)
    return float(np.median(distances[:, 1]))
