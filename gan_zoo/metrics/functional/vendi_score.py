"""Vendi score: the effective number of different samples.

Friedman and Dieng 2023, arXiv:2210.02410, equation 2; of other orders q Pasarkar and Dieng 2024,
arXiv:2310.12952, equation 3.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64

_EPSILON = 2.0**-52


def vendi_score(features: Array, q: float = 1.0) -> float:
    """Return the exponential entropy of order q of the similarities; between 1 and N, higher is better.

    It is the effective number of different samples among `features` `[N, D]` by their cosines, that is the
    exponential Renyi entropy of the eigenvalues of K / N. There is no ideal value but that of real data in
    equal number; cosines of features that are all positive are all alike, so subtract the real mean first.
    Samples of length 0 have no direction; they count as alike, and as different from all others.

    Args:
        features: `[N, D]`.
        q: order: 1 for Shannon's entropy, 0 counts all directions, inf only the most frequent one.

    Raises:
        UserError: for values that are not finite, or a negative order.

    Example:
        >>> round(vendi_score(torch.eye(3)), 9)
        3.0
    """
    if isinstance(q, bool) or not isinstance(q, (int, float)) or not q >= 0.0:
        raise UserError(f"q={q!r}: a number of at least 0 is needed, such as q=1, or q=.inf.")
    return _effective_number(_spectrum(as_float64(features, "features")), float(q))


def _spectrum(features: Tensor) -> Tensor:
    """Return the eigenvalues of K / N that are more than rounding errors; they sum to 1."""
    largest = features.abs().amax(1, keepdim=True)
    somewhere = largest[:, 0] > 0.0
    scaled = features[somewhere] / largest[somewhere]  # so that squares neither overflow nor vanish
    directions = scaled / scaled.norm(dim=1, keepdim=True)
    dual = directions.shape[1] < len(directions)  # K has as many eigenvalues above 0 as its smaller form
    kernel = directions.T @ directions if dual else directions @ directions.T
    values = torch.linalg.eigvalsh(kernel / len(features))
    values = torch.cat([values, (~somewhere).double().mean()[None]])
    values = values[values > max(features.shape) * _EPSILON * values.max()]
    return values / values.sum()


def _effective_number(shares: Tensor, q: float) -> float:
    """Return the Hill number of order q of shares that are above 0 and sum to 1."""
    if q == 1.0:
        return math.exp(-float(torch.special.xlogy(shares, shares).sum()))
    if q == math.inf:
        return 1.0 / float(shares.max())
    return math.exp(float(torch.logsumexp(q * shares.log(), 0)) / (1.0 - q))
