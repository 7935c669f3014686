"""Frechet distance of two sets of features, each seen as a Gaussian.

Heusel et al. 2017, arXiv:1706.08500, equation 6, after Dowson and Landau 1982; with the features of the
canonical Inception network it is the FID. The trace of (S1 S2)^(1/2) is the sum of the singular values of
F1^T F2, where S = F F^T. Unlike a matrix square root it is right for singular covariances, which fewer
samples than dimensions and collapse bring about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg.lapack import dpstrf
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import LARGEST, Array, as_float64, check_enough
from gan_zoo.metrics.functional.feature_statistics import FeatureStatistics, feature_statistics

_EPSILON = 2.0**-52
_ACCURACY = 1e-8  # of the sum of singular values, relative, in the worst case; far better as a rule


@dataclass(frozen=True)
class _Gaussian:
    """Mean `[D]`, a factor F `[D, R]` of the covariance F F^T, and the covariance's trace."""

    mean: Tensor
    factor: Tensor
    trace: float


def frechet_distance(real: Array | FeatureStatistics, fake: Array | FeatureStatistics) -> float:
    """Return |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)); lower is better, 0 is ideal.

    Not the square root of it, as some call a Frechet distance. It is strongly biased upwards for few samples:
    compare only equal numbers of samples.

    Args:
        real: features `[N, D]`, or their statistics.
        fake: features `[M, D]`, or their statistics.

    Raises:
        UserError: for fewer than two samples, different widths, or values that are not finite.

    Example:
        >>> frechet_distance(torch.tensor([[0.0], [2.0]]), torch.tensor([[3.0], [5.0]]))
        9.0
    """
    first, second = _gaussian(real, "real"), _gaussian(fake, "fake")
    if len(first.mean) != len(second.mean):
        raise UserError(
            f"Real features are {len(first.mean)} wide, fake features are {len(second.mean)}. "
            "Take both from the same extractor."
        )
    means = float((first.mean - second.mean).square().sum())
    overlap = _sum_of_singular_values(first.factor.T @ second.factor)
    return max(0.0, means + first.trace + second.trace - 2.0 * overlap)  # below 0 by rounding only


def _gaussian(given: Array | FeatureStatistics, name: str) -> _Gaussian:
    if isinstance(given, FeatureStatistics):
        return _from_statistics(_checked(given, name))
    features = as_float64(given, name)
    check_enough(features, name, 2, "a covariance")
    if len(features) > features.shape[1]:
        return _from_statistics(feature_statistics(features))
    mean = features.mean(0)
    deviations = (features - mean) / (len(features) - 1) ** 0.5
    # They sum to 0, so N - 1 rows have the same product: a reflection turns all ones into the last axis.
    factor = (deviations[:-1] - deviations[-1] / (len(features) ** 0.5 + 1.0)).T
    return _Gaussian(mean, factor, float(deviations.square().sum()))


def _checked(given: FeatureStatistics, name: str) -> FeatureStatistics:
    mean = as_float64(given.mean, f"{name} mean", 1)
    covariance = as_float64(given.covariance, f"{name} covariance", largest=LARGEST**2)
    if covariance.shape != (len(mean), len(mean)):
        raise UserError(
            f"{name}: the covariance is {list(covariance.shape)}, the mean has {len(mean)} values. "
            "Take both from feature_statistics(features)."
        )
    return FeatureStatistics(mean, covariance, given.count)


def _from_statistics(statistics: FeatureStatistics) -> _Gaussian:
    covariance = statistics.covariance
    return _Gaussian(statistics.mean, _factor(covariance), float(covariance.diagonal().sum()))


def _factor(covariance: Tensor) -> Tensor:
    """Return F `[D, rank]` with F F^T = covariance, by Cholesky with complete pivoting.

    It stops where rounding alone is left (Higham 2002, section 10.3): the root of an eigenvalue of 1e-16 that
    should be 0 is 1e-8, no small error.
    """
    least = len(covariance) * _EPSILON * float(covariance.diagonal().max())
    lower, order, rank, _ = dpstrf(covariance.numpy(), lower=1, tol=least)
    factor = np.zeros((len(covariance), rank))
    factor[order - 1] = np.tril(lower)[:, :rank]  # LAPACK counts from 1
    return torch.from_numpy(factor)


def _sum_of_singular_values(matrix: Tensor) -> float:
    """Return the nuclear norm of `[A, B]`, from the eigenvalues of its square where they are accurate enough.

    They cost half as much as singular values, but an eigenvalue e is off by some roundings of the largest
    one, and its root by that over 2 sqrt(e): too much for the small ones.
    """
    if matrix.numel() == 0:
        return 0.0
    square = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    values = torch.linalg.eigvalsh(square).clamp_(min=0.0)
    error = 16.0 * _EPSILON * values[-1]
    roots = values.sqrt()
    if torch.minimum(error / (2.0 * roots), error.sqrt()).sum() <= _ACCURACY * roots.sum():
        return float(roots.sum())
    return float(torch.linalg.svdvals(matrix).sum())
