"""Squared maximum mean discrepancy over batches; the definition is in `functional.kernel_distance`."""

from __future__ import annotations

import torch

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.kernel_distance import KernelDistance as Result
from gan_zoo.metrics.functional.kernel_distance import kernel_distance


@METRICS.register("kernel_distance")
class KernelDistance(Metric):
    """How far generated features are from real ones in the space of a kernel; lower is better.

    With subsets the result depends on the order of samples a little, as subsets are drawn by position.

    Args:
        kernel: `polynomial` or `rbf`.
        estimator: `unbiased`, `biased` or `u_statistic`.
        subsets: how many random subsets to average over, or None to take all samples once.
        subset_size: samples of each kind in a subset.
        degree: of the polynomial kernel.
        gamma: of the polynomial kernel, 1 / D when None.
        offset: of the polynomial kernel.
        sigma: of the Gaussian kernel.
        seed: of the subsets.
    """

    def __init__(
        self,
        kernel: str = "polynomial",
        estimator: str = "unbiased",
        subsets: int | None = 100,
        subset_size: int = 1000,
        degree: int = 3,
        gamma: float | None = None,
        offset: float = 1.0,
        sigma: float = 10.0,
        seed: int = 0,
    ) -> None:
        self.kernel, self.estimator = kernel, estimator
        self.subsets, self.subset_size, self.seed = subsets, subset_size, seed
        self.degree, self.gamma, self.offset, self.sigma = degree, gamma, offset, sigma
        super().__init__()

    def compute(self) -> Result:
        """Return the mean over subsets, 0 at best, and its standard deviation."""
        return kernel_distance(
            self.collected("real"),
            self.collected("fake"),
            kernel=self.kernel,
            estimator=self.estimator,
            subsets=self.subsets,
            subset_size=self.subset_size,
            degree=self.degree,
            gamma=self.gamma,
            offset=self.offset,
            sigma=self.sigma,
            generator=torch.Generator().manual_seed(self.seed),
        )
