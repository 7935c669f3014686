"""Exact 1-Wasserstein distance (earth mover's distance) of two sets of features.

As a measure of GANs Xu et al. 2018, arXiv:1806.07755, section 2: the least mean Euclidean distance by which
the one set is moved onto the other.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings

import numpy as np
from scipy.optimize import linear_sum_assignment

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64, check_same_width
from gan_zoo.metrics.distances import squared_distances

_MOST_STEPS = 10**9  # of POT's solver, whose own limit is too low for some thousand samples


def wasserstein_distance(real: Array, fake: Array) -> float:
    """Return the distance of `real` `[N, D]` and `fake` `[M, D]`, in units of the features; lower is better.

    0 is ideal, and reached by the set itself only: it shrinks slowly with the number of samples, so compare
    equal numbers, and with real data. Time grows with the third power of the number; 2000 are usual.
    Unequal numbers need the package POT.

    Raises:
        UserError: for different widths, values that are not finite, or unequal numbers without POT.

    Example:
        >>> wasserstein_distance(np.array([[0.0], [1.0]]), np.array([[3.0], [2.0]]))
        2.0
    """
    real, fake = as_float64(real, "real"), as_float64(fake, "fake")
    check_same_width(real, fake)
    costs = squared_distances(real, fake).clamp_(min=0.0).sqrt_().numpy()
    if len(real) == len(fake):  # then the best plan is a pairing, which SciPy finds as exactly
        return float(costs[linear_sum_assignment(costs)].mean())
    return _transported(costs)


def _transported(costs: np.ndarray) -> float:
    """Return the cost of the best plan for a cost matrix `[N, M]`.

    Raises:
        UserError: if POT is not installed, or its solver gives up.
    """
    if importlib.util.find_spec("ot") is None:
        sizes = f"{costs.shape[0]} real and {costs.shape[1]} fake samples"
        raise UserError(
            f"The exact Wasserstein distance of {sizes} needs the package POT. "
            f'Type pip install "gan-zoo[metrics]", or give the first {min(costs.shape)} of both.'
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import is noisy, and what the solver says is refused below
        transport = importlib.import_module("ot")
        cost, log = transport.emd2([], [], costs, numItermax=_MOST_STEPS, log=True)
    if log["warning"] is not None:
        raise UserError(f"POT found no optimal plan: {log['warning']} Give fewer samples.")
    return float(cost)
