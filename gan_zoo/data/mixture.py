"""Draws from mixtures with equal weights: fixed pools, as PacGAN uses them (arXiv:1712.04086)."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.data.base import Dataset, Samples, fingerprint
from gan_zoo.data.checks import flag, positive, whole
from gan_zoo.draws import Draws
from gan_zoo.types import DataSpec


def check_pool(std: float, samples: int, held_out_samples: int, seed: int, labels: bool) -> None:
    """Check the arguments that all mixtures share.

    Raises:
        UserError: for values out of range.
    """
    positive("std", std)
    whole("samples", samples)
    whole("held_out_samples", held_out_samples)
    whole("seed", seed, least=0)
    flag("labels", labels)


def draw_pool(
    centers: Tensor, std: float, samples: int, seed: int, split: str, noisy: int | None = None
) -> Samples:
    """Draw a pool with the component of each sample as its label.

    Args:
        centers: `[K, D]`, in data units.
        std: of the noise around a center.
        samples: how many.
        seed: of the data set, independent of the run's.
        split: `train` or `held_out`; each draws from a seed of its own.
        noisy: how many leading coordinates get noise; all D when None.
    """
    modes, width = centers.shape
    draws = Draws(seed)
    component = draws.integers(modes, (samples,), f"data/{split}/component")
    noise = draws.normal((samples, width if noisy is None else noisy), f"data/{split}/noise")
    values = centers[component]  # [samples, D]
    values[:, : noise.shape[1]].add_(noise, alpha=std)
    return Samples(values, component)


def mixture_dataset(
    name: str, centers: Tensor, std: float, samples: int, held_out_samples: int, seed: int, labels: bool,
    scale: float = 1.0, noisy: int | None = None,
) -> Dataset:  # fmt: skip
    """Draw both pools of a mixture; `labels` says whether components are classes."""
    centers = centers.float()
    train = draw_pool(centers, std, samples, seed, "train", noisy)
    held_out = draw_pool(centers, std, held_out_samples, seed, "held_out", noisy)
    if not labels:
        train, held_out = Samples(train.values), Samples(held_out.values)
    classes = len(centers) if labels else 0
    names = tuple(f"mode {index}" for index in range(classes))
    spec = DataSpec(name, (centers.shape[1],), classes, names, scale)
    return Dataset(spec, train, held_out, fingerprint(train), modes=centers, mode_std=float(std))


def on_circle(modes: int, radius: float) -> Tensor:
    """Return `modes` points on a circle, `[modes, 2]`, starting at angle 0; the end point is not repeated."""
    angles = torch.arange(modes, dtype=torch.float64) * (2.0 * torch.pi / modes)
    return radius * torch.stack([angles.cos(), angles.sin()], dim=1)
