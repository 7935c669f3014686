"""Squared maximum mean discrepancy (MMD) of two sets of features.

Gretton et al. 2012, JMLR 13, lemma 6 (unbiased) and equation 5 (biased); the cubic kernel and the mean over
subsets are those of Binkowski et al. 2018, arXiv:1801.01401, section 4, which with the canonical network is
the KID. The Gaussian kernel with sigma 10 and the biased estimate are those of Jayasumana et al. 2024,
arXiv:2401.09603 (CMMD).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width
from gan_zoo.metrics.distances import squared_distances
from gan_zoo.metrics.options import choice, number, whole

KERNELS = ("polynomial", "rbf")
ESTIMATORS = ("unbiased", "biased", "u_statistic")
_ROWS = 2048  # of a kernel matrix at a time

Kernel = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class KernelDistance:
    """Squared MMD.

    Attributes:
        mean: over subsets; 0 is ideal, the unbiased estimates may be negative.
        std: population standard deviation over subsets, 0 for a single one.
    """

    mean: float
    std: float


def kernel_distance(
    real: Array,
    fake: Array,
    *,
    kernel: str = "polynomial",
    estimator: str = "unbiased",
    subsets: int | None = 100,
    subset_size: int = 1000,
    degree: int = 3,
    gamma: float | None = None,
    offset: float = 1.0,
    sigma: float = 10.0,
    generator: torch.Generator | None = None,
) -> KernelDistance:
    """Return the squared MMD of `real` `[N, D]` and `fake` `[M, D]`; lower is better, 0 is ideal.

    The mean of unbiased estimates does not depend on the number of samples, unlike the Frechet distance.

    Args:
        real: features.
        fake: features.
        kernel: `polynomial`, (gamma x.y + offset)^degree, or `rbf`, exp(-|x - y|^2 / (2 sigma^2)).
        estimator: `unbiased` leaves out the pairs of a sample with itself, `u_statistic` also those of the
            i-th real with the i-th fake (so it needs as many of both), `biased` nothing.
        subsets: how many random subsets to average over, or None to take all samples once.
        subset_size: samples of each kind in a subset.
        degree: of the polynomial kernel.
        gamma: of the polynomial kernel, 1 / D when None.
        offset: of the polynomial kernel.
        sigma: of the Gaussian kernel, in units of the features.
        generator: draws the subsets; a fresh one with seed 0 when None.

    Raises:
        UserError: for too few samples, different widths, values not finite, or an option not allowed.
    """
    real, fake = as_float64(real, "real"), as_float64(fake, "fake")
    check_same_width(real, fake)
    function = _kernel(kernel, real.shape[1], degree, gamma, offset, sigma)
    choice("estimator", estimator, ESTIMATORS)
    if subsets is None:
        _check_all(real, fake, estimator)
        return KernelDistance(_squared_mmd(real, fake, function, estimator), 0.0)
    whole("subsets", subsets, 1, 100)
    _check_subset_size(real, fake, subset_size)
    values = _over_subsets(real, fake, function, estimator, subsets, subset_size, generator)
    return KernelDistance(float(values.mean()), float(values.std(correction=0)))


def _over_subsets(
    real: Tensor, fake: Tensor, kernel: Kernel, estimator: str, subsets: int, size: int,
    generator: torch.Generator | None,
) -> Tensor:  # fmt: skip
    """Return one estimate for each random subset, `[subsets]`."""
    generator = generator or torch.Generator().manual_seed(0)
    estimates = []
    for _ in range(subsets):
        reals, fakes = (_drawn(samples, size, generator) for samples in (real, fake))
        estimates.append(_squared_mmd(reals, fakes, kernel, estimator))
    return torch.tensor(estimates, dtype=torch.float64)


def _kernel(kernel: str, width: int, degree: int, gamma: float | None, offset: float, sigma: float) -> Kernel:
    """Return the function of two sets `[N, D]` and `[M, D]` that gives `[N, M]`."""
    if choice("kernel", kernel, KERNELS) == "rbf":
        factor = -0.5 / number("sigma", sigma, 10.0, above=0.0) ** 2
        return lambda first, second: squared_distances(first, second).mul_(factor).exp_()
    whole("degree", degree, 1, 3)
    scale = 1.0 / width if gamma is None else number("gamma", gamma, 0.01, above=0.0)
    number("offset", offset, 1.0)
    return lambda first, second: (first @ second.T).mul_(scale).add_(offset).pow_(degree)


def _squared_mmd(real: Tensor, fake: Tensor, kernel: Kernel, estimator: str) -> float:
    """Return one estimate over all samples given."""
    within = 0.0
    for samples in (real, fake):
        count = len(samples)
        total, diagonal = _sums(samples, samples, kernel)
        within += total / count**2 if estimator == "biased" else (total - diagonal) / (count * (count - 1))
    total, diagonal = _sums(real, fake, kernel)
    if estimator == "u_statistic":
        return within - 2.0 * (total - diagonal) / (len(real) * (len(real) - 1))
    return within - 2.0 * total / (len(real) * len(fake))


def _sums(first: Tensor, second: Tensor, kernel: Kernel) -> tuple[float, float]:
    """Return the sum of a kernel matrix and that of its main diagonal, by blocks of rows."""
    total, diagonal = 0.0, 0.0
    for start in range(0, len(first), _ROWS):
        block = kernel(first[start : start + _ROWS], second)
        total += float(block.sum())
        diagonal += float(block.diagonal(start).sum()) if start < len(second) else 0.0
    return total, diagonal


def _drawn(samples: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Return `size` random rows, none twice."""
    return samples[torch.randperm(len(samples), generator=generator)[:size]]


def _check_all(real: Tensor, fake: Tensor, estimator: str) -> None:
    for samples, name in ((real, "real"), (fake, "fake")):
        check_enough(samples, name, 1 if estimator == "biased" else 2, f"the {estimator} estimate")
    if estimator == "u_statistic" and len(real) != len(fake):
        raise UserError(
            f"The u_statistic needs as many real as fake samples, got {len(real)} and {len(fake)}. "
            f"Give the first {min(len(real), len(fake))} of both, or type estimator=unbiased."
        )


def _check_subset_size(real: Tensor, fake: Tensor, size: int) -> None:
    whole("subset_size", size, 2, 1000)
    fewest = min(len(real), len(fake))
    if size > fewest:
        raise UserError(
            f"subset_size={size}, but there are only {len(real)} real and {len(fake)} fake samples. "
            f"Give more, or type subset_size={fewest}, or subsets=null to take all of them once."
        )
