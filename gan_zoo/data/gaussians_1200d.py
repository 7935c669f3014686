"""Ten Gaussians in 1200 dimensions: [N(0, I_700), 0_500] + m 1_1200 (PacGAN's code, arXiv:1712.04086)."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gan_zoo.data.base import DATASETS, Dataset, DataSource
from gan_zoo.data.mixture import check_pool, mixture_dataset

SHIFTS = (-1.0, -0.5, 0.0, 0.5, -2.0, -2.5, 10.0, 0.25, -13.0, -5.5)  # m, one per mode
DIMENSIONS = 1200
NOISY = 700  # leading coordinates that vary; the other 500 equal m


@DATASETS.register("gaussians_1200d")
@dataclass(frozen=True, kw_only=True)
class Gaussians1200d(DataSource):
    """Ten Gaussians of intrinsic dimension 700 in 1200 dimensions, a fixed pool.

    Args:
        samples: size of the training pool; 4.8 kB each.
        held_out_samples: size of the held-out pool, drawn from another seed.
        seed: of the data set, independent of the run's.
        labels: whether the mode of a sample is its class.
    """

    samples: int = 50_000
    held_out_samples: int = 5_000
    seed: int = 0
    labels: bool = False

    def __post_init__(self) -> None:
        check_pool(1.0, self.samples, self.held_out_samples, self.seed, self.labels)

    def load(self) -> Dataset:
        """Draw the pools, float32 `[N, 1200]`."""
        centers = torch.tensor(SHIFTS)[:, None].expand(-1, DIMENSIONS).contiguous()  # [10, 1200]
        pool = (self.samples, self.held_out_samples, self.seed, self.labels)
        return mixture_dataset("gaussians_1200d", centers, 1.0, *pool, noisy=NOISY)
