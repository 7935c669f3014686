"""Mean and covariance of features, also from batches.

Batches are joined by the update of Chan, Golub and LeVeque 1979 (Stanford STAN-CS-79-773), which does not
cancel as the difference of raw sums would.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64


@dataclass(frozen=True)
class FeatureStatistics:
    """What the Frechet distance needs of a set of features.

    Attributes:
        mean: `[D]`, float64.
        covariance: `[D, D]`, float64, divided by N - 1.
        count: N, how many samples they are from.
    """

    mean: Tensor
    covariance: Tensor
    count: int


@dataclass(frozen=True)
class Moments:
    """Count, mean `[D]` and scatter `[D, D]`, the sum of outer products of deviations from the mean."""

    count: int
    mean: Tensor
    scatter: Tensor

    @classmethod
    def of(cls, features: Tensor) -> Moments:
        """Return those of one batch `[N, D]`, float64."""
        mean = features.mean(0)
        deviations = features - mean
        return cls(len(features), mean, deviations.T @ deviations)

    def plus(self, other: Moments) -> Moments:
        """Return those of both batches together.

        Raises:
            UserError: if their widths differ.
        """
        if self.mean.shape != other.mean.shape:
            before, now = len(self.mean), len(other.mean)
            raise UserError(f"Batches differ in width: features were {before} wide, now they are {now} wide.")
        count = self.count + other.count
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.count / count)
        between = torch.outer(gap, gap) * (self.count * other.count / count)
        return Moments(count, mean, self.scatter + other.scatter + between)

    def statistics(self) -> FeatureStatistics:
        """Return mean and covariance.

        Raises:
            UserError: for fewer than two samples.
        """
        if self.count < 2:
            raise UserError("features: 1 sample is too few, a covariance needs at least 2. Give more.")
        return FeatureStatistics(self.mean, self.scatter / (self.count - 1), self.count)


def feature_statistics(features: Array) -> FeatureStatistics:
    """Return mean and covariance (divided by N - 1, as `numpy.cov`) of `features`, `[N, D]`.

    They are no metric themselves, but all that `frechet_distance` needs, so those of a training set can be
    kept.

    Raises:
        UserError: for fewer than two samples, or values that are not finite.

    Example:
        >>> feature_statistics(torch.tensor([[1.0], [3.0]])).covariance
        tensor([[2.]], dtype=torch.float64)
    """
    return Moments.of(as_float64(features, "features")).statistics()
