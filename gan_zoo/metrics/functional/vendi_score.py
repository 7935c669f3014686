"""Vendi score: the effective number of different samples.

Friedman and Dieng 2023, arXiv:2210.02410, equation 2; of other orders q Pasarkar and Dieng 2024,
arXiv:2310.12952, equation 3.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import FINITE, Array, as_float64

_EPSILON = 2.0**-52
_ALIKE = 1e-5  # by which a kernel from single precision may be off


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
    order = _order(q)
    return _effective_number(_spectrum(as_float64(features, "features", largest=FINITE)), order)


def vendi_score_from_kernel(kernel: Array, q: float = 1.0) -> float:
    """Return the same from similarities that were computed elsewhere; higher is better, N at most.

    Args:
        kernel: K, `[N, N]`, positive semi-definite, how alike each two samples are; 1 with themselves.
        q: order, as in `vendi_score`.

    Raises:
        UserError: for another form, another diagonal, negative eigenvalues, or a negative order.

    Example:
        >>> vendi_score_from_kernel(torch.eye(4)), vendi_score_from_kernel(torch.ones(4, 4))
        (4.0, 1.0)
    """
    order, matrix = _order(q), as_float64(kernel, "kernel")
    if matrix.shape[0] != matrix.shape[1] or not torch.allclose(matrix, matrix.T, rtol=0.0, atol=_ALIKE):
        raise UserError(f"kernel: a symmetric matrix [N, N] is needed, got {list(matrix.shape)}.")
    if (matrix.diagonal() - 1.0).abs().max() > _ALIKE:
        raise UserError(
            "kernel: each sample must have similarity 1 with itself. Divide K by the root of the outer "
            "product of its diagonal: kernel / (d[:, None] * d[None, :]) ** .5 with d = kernel.diagonal()."
        )
    values = torch.linalg.eigvalsh(matrix / len(matrix))
    if values[0] < -_ALIKE:
        raise UserError(
            f"kernel: not positive semi-definite, K / N has the eigenvalue {values[0]:.3g}. Take a kernel "
            "that is, such as cosines or exp(-|x - y|^2)."
        )
    return _effective_number(_positive(values, len(matrix)), order)


def _order(q: float) -> float:
    """Return the order as a number.

    Raises:
        UserError: if it is none.
    """
    if isinstance(q, bool) or not isinstance(q, (int, float)) or not q >= 0.0:
        raise UserError(f"q={q!r}: a number of at least 0 is needed, such as q=1, or q=.inf.")
    return float(q)


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
    return _positive(values, max(features.shape))


def _positive(values: Tensor, size: int) -> Tensor:
    """Return the eigenvalues of a matrix of some size that are more than rounding errors, with sum 1."""
    values = values[values > size * _EPSILON * values.max()]
    return values / values.sum()


def _effective_number(shares: Tensor, q: float) -> float:
    """Return the Hill number of order q of shares that are above 0 and sum to 1."""
    if q == 1.0:
        return math.exp(-float(torch.special.xlogy(shares, shares).sum()))
    if q == math.inf:
        return 1.0 / float(shares.max())
    return math.exp(float(torch.logsumexp(q * shares.log(), 0)) / (1.0 - q))
