"""Modes captured by samples of a Gaussian mixture: how many, how evenly, how precisely, how widely.

Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761) and Lin et al. 2018 (PacGAN, arXiv:1712.04086), section
4.1: a sample is of high quality if it lies within 3 standard deviations of the nearest mode, and a mode is
captured if it is the nearest of at least one such sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_zoo.errors import UserError, require_number
from gan_zoo.metrics.arrays import Array, as_float64, squared_distance_blocks
from gan_zoo.metrics.functional.jensen_shannon_divergence import jensen_shannon_divergence
from gan_zoo.metrics.functional.truncated_normal import std_before_truncation
from gan_zoo.metrics.histograms import divergence_to_uniform, shares


@dataclass(frozen=True)
class ModesCaptured:
    """What samples show of a mixture of K equal Gaussians.

    Attributes:
        modes: modes with at least N / (10 K) high-quality samples; higher is better, K is ideal.
        captured: modes with at least one, the published count, which one stray sample can raise.
        high_quality: share of samples of high quality. Ideal is what true samples reach, .9889 in 2-D at 3
            std; more means that the modes are too narrow.
        reverse_kl: KL(histogram of high-quality samples over modes || uniform), nats; lower is better. Its
            floor is about (K - 1) / 2N; without any high-quality sample it is log K.
        jensen_shannon_divergence: between the same two, nats; log 2 without any high-quality sample.
        std_ratio: standard deviation within modes over the true one; 1 is ideal, NaN where no mode has two
            high-quality samples.
        counts: `[K]`, high-quality samples of each mode.
        std_ratios: `[K]`, the same ratio for each mode, NaN below two samples.
    """

    modes: int
    captured: int
    high_quality: float
    reverse_kl: float
    jensen_shannon_divergence: float
    std_ratio: float
    counts: Tensor
    std_ratios: Tensor


def modes_captured(
    samples: Array, centers: Array, std: float, *, radius: float = 3.0, strict: bool = True
) -> ModesCaptured:
    """Count the modes that samples of a mixture of equal, round Gaussians show.

    The standard deviation within modes is taken over high-quality samples only, about the mean of their own
    mode. So neither stray samples between modes nor heavy tails move it (their place is `high_quality`),
    and a point beside its mode does not look wide. Cutting at `radius` makes true samples look narrower, by
    .974 in 2-D at 3; this is undone exactly: the ratio is that of the Gaussian which, cut there, has the
    measured variance (`std_before_truncation`). It is at most 10, for samples spread evenly over the ball.

    Args:
        samples: `[N, D]`, in data units.
        centers: `[K, D]`.
        std: of each Gaussian in every direction, in data units.
        radius: of high quality, in standard deviations.
        strict: whether a sample exactly at the radius is refused, as by PacGAN; VEEGAN accepts it.

    Raises:
        UserError: if samples and centers differ in width, or for a value out of range.

    Example:
        >>> found = modes_captured(torch.tensor([[0.1], [4.0], [5.1]]), torch.tensor([[0.0], [5.0]]), std=0.2)
        >>> found.modes, round(found.high_quality, 3)
        (2, 0.667)
    """
    return summarize_modes(tally_modes(samples, centers, std, radius=radius, strict=strict), std, radius)


def tally_modes(
    samples: Array, centers: Array, std: float, *, radius: float = 3.0, strict: bool = True
) -> dict[str, Tensor]:
    """Return sums over samples that `summarize_modes` needs; those of batches add up.

    Returns:
        `samples` (N), and over high-quality samples of each mode their `counts` `[K]`, and of their
        deviations from the center `sums` `[K, D]` and squared lengths `squares` `[K]`.
    """
    values, modes = as_float64(samples, "samples"), as_float64(centers, "centers")
    check_same_space(values, modes)
    for name, number in (("std", std), ("radius", radius)):
        _positive(name, number)
    reach = (radius * std) ** 2
    counts = torch.zeros(len(modes), dtype=torch.int64)
    sums, squares = torch.zeros_like(modes), modes.new_zeros(len(modes))
    for rows, distances in squared_distance_blocks(values, modes):
        squared, nearest = distances.min(1)
        good = squared < reach if strict else squared <= reach
        squared, nearest = squared[good], nearest[good]
        counts += torch.bincount(nearest, minlength=len(modes))
        sums.index_add_(0, nearest, values[rows][good] - modes[nearest])
        squares.index_add_(0, nearest, squared)
    return {"samples": torch.tensor(len(values)), "counts": counts, "sums": sums, "squares": squares}


def summarize_modes(tally: Mapping[str, Tensor], std: float, radius: float = 3.0) -> ModesCaptured:
    """Turn the sums of `tally_modes` into the metric."""
    samples, counts = int(tally["samples"]), tally["counts"]
    width = tally["sums"].shape[1]
    scatter = tally["squares"] - tally["sums"].square().sum(1) / counts.clamp(min=1)  # about each mean
    freedom = (counts - 1).clamp(min=0) * width
    scatter = torch.where(freedom > 0, scatter, 0.0)
    pooled = (scatter.sum() / freedom.sum()).view(1)
    variances = torch.cat([pooled, scatter / freedom])  # NaN where there is no freedom
    ratios = std_before_truncation(variances.clamp(min=0.0).sqrt() / std, radius, width)
    return ModesCaptured(
        **histogram_of_modes(counts, samples),
        std_ratio=ratios[0].item(),
        counts=counts,
        std_ratios=ratios[1:],
    )


def check_same_space(samples: Tensor, centers: Tensor) -> None:
    """Check that samples `[N, D]` have as many coordinates as the centers `[K, D]`.

    Raises:
        UserError: if they have not.
    """
    if samples.shape[1] != centers.shape[1]:
        raise UserError(
            f"Samples have {samples.shape[1]} coordinates, centers have {centers.shape[1]}. Give samples of "
            "the mixture in data units, not features of them, and the centers of the same mixture."
        )


def histogram_of_modes(counts: Tensor, samples: int) -> dict[str, Any]:
    """Return what the high-quality counts `[K]` of N samples say, by the names of `ModesCaptured`."""
    modes, good = len(counts), int(counts.sum())
    uniform = torch.full((modes,), 1.0 / modes, dtype=torch.float64)
    return {
        "modes": int((counts >= samples / (10.0 * modes)).sum()),
        "captured": int((counts > 0).sum()),
        "high_quality": good / samples,
        "reverse_kl": divergence_to_uniform(counts),
        "jensen_shannon_divergence": jensen_shannon_divergence(shares(counts), uniform)
        if good
        else math.log(2.0),
    }


def _positive(name: str, value: float) -> None:
    try:
        require_number(name, value, low=0.0, open_low=True)
    except ValueError as error:
        raise UserError(str(error)) from error
