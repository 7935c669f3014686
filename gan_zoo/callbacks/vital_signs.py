"""Vital signs of a GAN as functions of samples, scores and weights, for `Vitals`.

They compare fakes with reals seen in the same way, so that a number means the same for any data: 1 is as
diverse as the data, 0 is one sample. All take float32 tensors on any device and return a number `[]` there,
so that a whole look costs one transfer. The published metrics, in float64, are those of `gan_zoo.metrics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

ENOUGH = (
    0.1  # a cell is covered from this share of what it would get: n / (10 k) samples, as in the benchmark
)
GOOD = 0.989  # share of a plane's Gaussian within 3 standard deviations of its mean


def flat(samples: Tensor, side: int = 16) -> Tensor:
    """Return samples as rows `[N, D]` in float32, images averaged down to at most `side` pixels a side."""
    if samples.dim() == 4 and max(samples.shape[2:]) > side:
        height, width = (min(side, size) for size in samples.shape[2:])
        samples = torch.nn.functional.adaptive_avg_pool2d(samples.float(), (height, width))
    return samples.flatten(1).float()


def within(rows: Tensor) -> Tensor:
    """Return the mean Euclidean distance between different rows of `[N, D]`, N at least 2."""
    distances = torch.cdist(rows, rows)
    count = len(rows)
    return (distances.sum() - distances.diagonal().sum()) / (count * (count - 1))


def between(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean Euclidean distance from rows `[N, D]` to rows `[M, D]`."""
    return torch.cdist(first, second).mean()


def energy_distance(fake: Tensor, real: Tensor, between_both: Tensor) -> Tensor:
    """Return how far two distributions are apart, in units of the distance between two reals.

    (2 E|x - y| - E|x - x'| - E|y - y'|) / E|y - y'| (Szekely and Rizzo 2013, Energy statistics, equation 5):
    0 for equal distributions, about 1 for a single real sample. An unbiased estimate, so it may be below 0.

    Args:
        fake: mean distance within the fakes.
        real: mean distance within the reals.
        between_both: mean distance from fakes to reals.
    """
    return (2.0 * between_both - fake - real) / real


def mode_seeking_ratio(samples: Tensor, latents: Tensor) -> Tensor:
    """Return the mean distance of samples over that of their latents, for rows paired by halves.

    Mao et al. 2019 (arXiv:1903.05628), equation 2, in the form of the authors' code: mean absolute
    differences, one ratio of batch means. 0 where the latent is ignored.
    """
    return pair_distance(samples) / pair_distance(latents)


def pair_distance(rows: Tensor) -> Tensor:
    """Return the mean absolute difference between each row of the first half and its partner."""
    first, second = rows.float().flatten(1).chunk(2)
    return (second - first).abs().mean()


def class_distance(rows: Tensor, labels: Tensor | None) -> Tensor:
    """Return the mean absolute difference between neighbors of one class, of any class without labels.

    Rows `[N, D]` are sorted by label, and each is compared with the next of its class.
    """
    order = torch.arange(len(rows), device=rows.device) if labels is None else labels.argsort(stable=True)
    first, second = rows[order[:-1]], rows[order[1:]]
    if labels is None:
        return (second - first).abs().mean()
    same = (labels[order[:-1]] == labels[order[1:]]).float()[:, None]
    return ((second - first).abs() * same).mean() * len(same) / same.sum().clamp(min=1.0)


def probability_above(first: Tensor, second: Tensor) -> Tensor:
    """Return the probability that a score of `first` `[N]` is above one of `second` `[M]`; ties are half.

    The area under the ROC curve (Mann and Whitney 1947): 1/2 for scores that tell nothing, 1 where they
    separate; the same for logits, critics and any increasing function of them.
    """
    found = 0.5 + 0.5 * (first[:, None] - second[None]).sign().mean()
    return torch.where(torch.isfinite(first).all() & torch.isfinite(second).all(), found, torch.nan)


def nearest(rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Return each row's distance to the nearest of `others`, and its index, `[N]` each."""
    distance, index = torch.cdist(rows, others).min(1)
    return distance, index


def shares(cells: Tensor, count: int) -> Tensor:
    """Return which share of `cells` `[N]`, numbers below `count`, is each, `[count]`."""
    return torch.bincount(cells, minlength=count)[:count].float() / max(len(cells), 1)


def covered(found: Tensor, expected: Tensor) -> Tensor:
    """Return the share of cells that hold at least a tenth of what they should, cells counting alike.

    Args:
        found: shares of the samples by cell, `[K]`.
        expected: shares of the reals, `[K]`; empty cells do not count.
    """
    counts = expected > 0.0
    enough = (found >= ENOUGH * expected) & counts & (found > 0.0)
    return enough.float().sum() / counts.float().sum().clamp(min=1.0)


def jensen_shannon_divergence(found: Tensor, expected: Tensor) -> Tensor:
    """Return how unlike two histograms `[K]` of shares are, in nats: 0 for equal ones, log 2 where none meet.

    Even equal distributions have about K / 8N of it by chance, N samples in each of K filled cells.
    """
    middle = (0.5 * (found + expected)).clamp(min=torch.finfo(found.dtype).tiny)
    terms = torch.special.xlogy(found, found / middle) + torch.special.xlogy(expected, expected / middle)
    return 0.5 * terms.sum()


def cells_of(rows: Tensor, count: int, generator: torch.Generator, rounds: int = 10) -> Tensor:
    """Return `count` centers `[K, D]` of `rows` by k-means (Lloyd 1982) from rows drawn with `generator`."""
    chosen = torch.randperm(len(rows), generator=generator)[:count].to(rows.device)
    centers = rows[chosen].clone()
    for _ in range(rounds):
        cell = torch.cdist(rows, centers).argmin(1)
        sums = torch.zeros_like(centers).index_add_(0, cell, rows)
        sizes = torch.bincount(cell, minlength=len(centers))[:, None]
        centers = torch.where(sizes > 0, sums / sizes.clamp(min=1), centers)
    return centers


def norm(tensors: Iterable[Tensor]) -> Tensor:
    """Return the Euclidean norm of all tensors together; 0 without any."""
    listed = list(tensors)
    return torch.stack(torch._foreach_norm(listed)).norm() if listed else torch.zeros(())


def not_finite(values: Sequence[Tensor]) -> Tensor:
    """Return how many numbers of `values` `[]` are infinite or undefined."""
    return (~torch.isfinite(torch.stack([value.float() for value in values]))).float().sum()
