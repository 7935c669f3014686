"""The ring of Gaussians: means (cos 2 pi i/8, sin 2 pi i/8), std .01 (PacGAN, arXiv:1712.04086)."""

from __future__ import annotations

from dataclasses import dataclass

from gan_zoo.data.base import DATASETS, Dataset, DataSource
from gan_zoo.data.checks import positive, whole
from gan_zoo.data.mixture import check_pool, mixture_dataset, on_circle


@DATASETS.register("ring")
@dataclass(frozen=True, kw_only=True)
class Ring(DataSource):
    """Eight narrow Gaussians on a circle in the plane, a fixed pool.

    Args:
        modes: number of Gaussians.
        std: of each of them, in data units.
        radius: of the circle; networks see `sample / radius`.
        samples: size of the training pool.
        held_out_samples: size of the held-out pool, drawn from another seed.
        seed: of the data set, independent of the run's.
        labels: whether the mode of a sample is its class.
    """

    modes: int = 8
    std: float = 0.01
    radius: float = 1.0
    samples: int = 100_000
    held_out_samples: int = 10_000
    seed: int = 0
    labels: bool = False

    def __post_init__(self) -> None:
        whole("modes", self.modes)
        positive("radius", self.radius)
        check_pool(self.std, self.samples, self.held_out_samples, self.seed, self.labels)

    def load(self) -> Dataset:
        """Draw the pools, float32 `[N, 2]`."""
        centers = on_circle(self.modes, self.radius)
        pool = (self.samples, self.held_out_samples, self.seed, self.labels)
        return mixture_dataset("ring", centers, self.std, *pool, scale=float(self.radius))
