"""Number of statistically different bins: Richardson and Weiss 2018 (arXiv:1805.12462), section 4.

Training samples are clustered; a bin is different if the shares of training and generated samples that fall
into it differ significantly. It shows which part of the data a generator misses or repeats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array
from gan_zoo.metrics.bins import Bins
from gan_zoo.metrics.functional.jensen_shannon_divergence import jensen_shannon_divergence


@dataclass(frozen=True)
class NDB:
    """Which bins differ, K bins in all.

    Attributes:
        count: different bins; lower is better, but `significance * K` is what true samples reach, not 0.
        share: count / K. It grows with the number of samples, as any test does: compare equal numbers only.
        jensen_shannon_divergence: of the two sets of shares, nats; lower is better, and free of that.
        train_proportions: `[K]`, shares of training samples.
        proportions: `[K]`, shares of the samples.
        p_values: `[K]`, two-sided; 1 where both are empty.
        different: `[K]`, True where the p-value is below `significance`.
    """

    count: int
    share: float
    jensen_shannon_divergence: float
    train_proportions: Tensor
    proportions: Tensor
    p_values: Tensor
    different: Tensor


def ndb(bins: Bins, samples: Array, significance: float = 0.05) -> NDB:
    """Compare the shares of samples in each bin with the training set's, by pooled two-proportion z-tests.

    Report the same figure for held-out real data beside it.

    Args:
        bins: of the training set, from `fit_bins`.
        samples: `[N, ...]`, in the form that the bins were fitted to; 10,000 are usual.
        significance: of each bin's test.

    Raises:
        UserError: for samples of another form.
    """
    return ndb_from_counts(
        bins.counts, torch.bincount(bins.assign(samples), minlength=len(bins)), significance
    )


def ndb_from_counts(train: Tensor, generated: Tensor, significance: float = 0.05) -> NDB:
    """Compute the metric from counts in each bin, `[K]` each.

    Raises:
        UserError: without samples, or for a significance outside (0, 1).
    """
    if not 0.0 < significance < 1.0:
        raise UserError(f"significance: expected a number in (0, 1), got {significance}.")
    if generated.sum() == 0 or train.sum() == 0:
        raise UserError("There are no samples in any bin. Give at least one.")
    p_values = two_proportion_test(train, generated)
    different = p_values < significance
    count = int(different.sum())
    expected, found = train.double() / train.sum(), generated.double() / generated.sum()
    divergence = jensen_shannon_divergence(expected, found)
    return NDB(count, count / len(train), divergence, expected, found, p_values, different)


def two_proportion_test(first: Tensor, second: Tensor) -> Tensor:
    """Return two-sided p-values `[K]` that bins have the same share of two sets, given their counts `[K]`.

    z = (p1 - p2) / sqrt(p (1 - p) (1/n1 + 1/n2)), p being the share of both together.
    """
    n1, n2 = first.sum().double(), second.sum().double()
    together = (first + second).double() / (n1 + n2)
    error = (together * (1.0 - together) * (1.0 / n1 + 1.0 / n2)).sqrt()
    difference = (first / n1 - second / n2).abs()
    z = torch.where(error > 0, difference / error, 0.0)  # empty in both, or all in one: no difference
    return torch.special.erfc(z / math.sqrt(2.0))
