"""Metrics as most code writes them, straight from their definitions, to check and to time ours against.

At the end are the samples that both are given.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
import torch
from scipy import ndimage
from sklearn.metrics import pairwise_distances

JOBS = 8
KERNEL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).astype(np.float32) / 256.0


def frechet_distance(
    real_mean: np.ndarray, real_covariance: np.ndarray, fake_mean: np.ndarray, fake_covariance: np.ndarray
) -> float:
    """Return |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) by the square root of a matrix."""
    root = scipy.linalg.sqrtm(real_covariance @ fake_covariance)
    difference = real_mean - fake_mean
    traces = np.trace(real_covariance) + np.trace(fake_covariance) - 2.0 * np.trace(root.real)
    return float(difference @ difference + traces)


def precision_recall_density_coverage(real: np.ndarray, fake: np.ndarray, neighbors: int = 5) -> list[float]:
    """Return the four shares from three full matrices of distances, by 8 jobs as the usual code does."""
    real_radii = radii(pairwise_distances(real, n_jobs=JOBS), neighbors)
    fake_radii = radii(pairwise_distances(fake, n_jobs=JOBS), neighbors)
    distances = pairwise_distances(real, fake, n_jobs=JOBS)
    in_real = distances < real_radii[:, None]
    return [
        float(in_real.any(axis=0).mean()),
        float((distances < fake_radii).any(axis=1).mean()),
        float(in_real.sum(axis=0).mean() / neighbors),
        float((distances.min(axis=1) < real_radii).mean()),
    ]


def radii(distances: np.ndarray, neighbors: int) -> np.ndarray:
    """Return the distance to the k-th neighbor of each sample but itself, from distances `[N, N]`."""
    nearest = np.argpartition(distances, neighbors + 1, axis=1)[:, : neighbors + 1]
    return np.take_along_axis(distances, nearest, axis=1).max(axis=1)


def assign(samples: np.ndarray, centers: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the nearest center in the chosen dimensions, from distances to one center after the other."""
    distances = np.zeros((len(samples), len(centers)))
    for index in range(len(centers)):
        distances[:, index] = np.linalg.norm(samples[:, chosen] - centers[index, chosen], axis=1)
    return distances.argmin(axis=1)


def sliced_wasserstein(
    real: np.ndarray, fake: np.ndarray, patches: int = 128, directions: int = 512, smallest: int = 16
) -> list[float]:
    """Return the distance x 10^3 of each level of uint8 images `[N, C, S, S]`, patches at random places."""
    rng = np.random.default_rng(0)
    levels = [pyramid(images.astype(np.float32), smallest) for images in (real, fake)]
    found = []
    for real_level, fake_level in zip(*levels, strict=True):
        first, second = (standardized(cut(level, patches, rng)) for level in (real_level, fake_level))
        values = []
        for _ in range(max(1, directions // 128)):
            along = rng.standard_normal((first.shape[1], min(128, directions)))
            along = (along / np.linalg.norm(along, axis=0)).astype(np.float32)
            values.append(sliced_distance(first, second, along))
        found.append(1e3 * float(np.mean(values)))
    return found


def sliced_distance(first: np.ndarray, second: np.ndarray, along: np.ndarray) -> float:
    """Return the mean distance of `[M, F]` and `[M, F]` along the columns of `[F, K]`."""
    return float(np.abs(np.sort(first @ along, axis=0) - np.sort(second @ along, axis=0)).mean())


def pyramid(images: np.ndarray, smallest: int) -> list[np.ndarray]:
    """Return the levels of a Laplacian pyramid, finest first."""
    levels = []
    kernel = KERNEL[None, None]
    while images.shape[-1] // 2 >= smallest:
        coarse = ndimage.convolve(images, kernel, mode="mirror")[:, :, ::2, ::2]
        wide = np.zeros_like(images)
        wide[:, :, ::2, ::2] = coarse
        levels.append(images - ndimage.convolve(wide, 4.0 * kernel, mode="mirror"))
        images = coarse
    return [*levels, images]


def cut(level: np.ndarray, patches: int, rng: np.random.Generator, size: int = 7) -> np.ndarray:
    """Return random patches `[N * patches, C, size, size]`."""
    count, channels, height, width = level.shape
    image = np.repeat(np.arange(count), patches)[:, None, None, None]
    top = rng.integers(0, height - size + 1, (count * patches, 1, 1, 1))
    left = rng.integers(0, width - size + 1, (count * patches, 1, 1, 1))
    rows, columns = np.arange(size)[:, None], np.arange(size)
    return level[image, np.arange(channels)[:, None, None], top + rows, left + columns]


def standardized(patches: np.ndarray) -> np.ndarray:
    """Return patches with mean 0 and standard deviation 1 in each channel, `[M, F]`."""
    mean = np.mean(patches, axis=(0, 2, 3), keepdims=True)
    deviation = np.std(patches, axis=(0, 2, 3), keepdims=True)
    return ((patches - mean) / deviation).reshape(len(patches), -1)


def features(samples: int, width: int, seed: int) -> torch.Tensor:
    """Return correlated features `[samples, width]`, float64, as a network's last layer has them."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(width // 4, width, generator=torch.Generator().manual_seed(0))
    values = torch.randn(samples, width // 4, generator=generator) @ mixing / width**0.5
    return (values + 0.1 * torch.randn(values.shape, generator=generator) + 0.05 * seed).relu().double()


def shapes(samples: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return uint8 images `[N, 28, 28]` of ten blurred shapes at random places, and their classes `[N]`."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(10, (samples,), generator=generator)
    kinds = torch.rand(10, 7, 7, generator=torch.Generator().manual_seed(0)) > 0.6
    top, left = torch.randint(7, (2, samples, 1, 1), generator=generator)
    rows, columns = top + torch.arange(7)[:, None], left + torch.arange(7)
    canvas = torch.zeros(samples, 1, 13, 13)
    canvas[torch.arange(samples)[:, None, None], 0, rows, columns] = kinds[labels].float()  # [N, 7, 7]
    canvas *= 0.5 + 0.5 * torch.rand(canvas.shape, generator=generator)
    blurred = torch.nn.functional.interpolate(canvas, size=28, mode="bilinear")
    noise = 0.1 * torch.rand(blurred.shape, generator=generator)
    return (230.0 * (blurred + noise)).clamp(0.0, 255.0).round().byte()[:, 0], labels


def patterns(samples: int, size: int, kind: int) -> torch.Tensor:
    """Return uint8 images `[samples, 3, size, size]` of blobs and noise; the second kind is rougher."""
    generator = torch.Generator().manual_seed(kind)
    coarse = torch.rand(samples, 3, 6 + 4 * kind, 6 + 4 * kind, generator=generator)
    blobs = torch.nn.functional.interpolate(coarse, size=size, mode="bilinear")
    noise = torch.rand(blobs.shape, generator=generator) ** (1 + 3 * kind)
    return (255.0 * (0.8 * blobs + 0.2 * noise)).clamp(0.0, 255.0).round().byte()
