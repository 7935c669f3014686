"""The grid of 25 Gaussians: means {-4,-2,0,2,4}^2, std .05 (PacGAN, arXiv:1712.04086; VEEGAN, 1705.07761)."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gan_zoo.data.base import DATASETS, Dataset, DataSource
from gan_zoo.data.mixture import check_pool, mixture_dataset

SIDE = (-4.0, -2.0, 0.0, 2.0, 4.0)


@DATASETS.register("grid")
@dataclass(frozen=True, kw_only=True)
class Grid(DataSource):
    """Twenty-five narrow Gaussians on a 5x5 grid in the plane, a fixed pool.

    Networks see `sample / 4`, so that all means lie in [-1, 1].

    Args:
        std: of each Gaussian, in data units.
        samples: size of the training pool.
        held_out_samples: size of the held-out pool, drawn from another seed.
        seed: of the data set, independent of the run's.
        labels: whether the mode of a sample is its class.
    """

    std: float = 0.05
    samples: int = 100_000
    held_out_samples: int = 10_000
    seed: int = 0
    labels: bool = False

    def __post_init__(self) -> None:
        check_pool(self.std, self.samples, self.held_out_samples, self.seed, self.labels)

    def load(self) -> Dataset:
        """Draw the pools, float32 `[N, 2]`."""
        side = torch.tensor(SIDE)
        centers = torch.cartesian_prod(side, side)  # [25, 2]
        pool = (self.samples, self.held_out_samples, self.seed, self.labels)
        return mixture_dataset("grid", centers, self.std, *pool, scale=SIDE[-1])
