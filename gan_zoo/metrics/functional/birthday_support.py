"""Support size by the birthday paradox: Arora and Zhang 2017 (arXiv:1706.08224).

Among s samples from N equally likely ones two are alike with probability 1/2 when s = sqrt(2 log 2 N) =
1.18 sqrt(N). So the smallest batch that often holds a near-duplicate tells how many different samples a
generator can make.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64, check_enough, check_same_width, squared_distance_blocks
from gan_zoo.metrics.labels import fresh

# Small ones too: with 25 as the smallest, a single point would seem to have a support of 450.
SIZES = (2, 5, 10, 25, 50, 100, 200, 400)
SPARE = 4  # samples to draw from, per member of a batch: batches of nearly all samples would all be alike
Z = 1.959963984540054  # of the normal distribution, for 95 %


@dataclass(frozen=True)
class Collisions:
    """How often batches of one size held a near-duplicate.

    Attributes:
        rate: share of batches.
        low: lower end of its Wilson interval, 95 %.
        high: upper end.
    """

    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class BirthdaySupport:
    """Near-duplicates among samples, by batch size, beside the same in real data.

    Attributes:
        fake: by batch size.
        real: the control, on real data that did not set the threshold. About `quantile` is expected; where
            it is much more, the real data repeat themselves and the test says nothing.
        thresholds: distance that counts as a near-duplicate, by batch size.
        size: the smallest batch in which at least half of the tries found one; None if no size did.
        support: size^2 / (2 log 2), how many equally likely samples would do the same (Arora and Zhang say
            about size^2). Higher is better; None means more than the largest batch can tell, the ideal.
        at_most: whether the support is no more than an upper bound, because the smallest size found one.
        closest: the closest pair of each fake batch of the largest size, indices `[repeats, 2]`, closest pair
            first: to be looked at, since flat images are close without being duplicates.
    """

    fake: dict[int, Collisions]
    real: dict[int, Collisions]
    thresholds: dict[int, float]
    size: int | None
    support: float | None
    at_most: bool
    closest: Tensor


def usual_sizes(fake: int, real: int) -> tuple[int, ...]:
    """Return the sizes of batches that so many samples are enough for.

    Example:
        >>> usual_sizes(1000, 200), usual_sizes(9, 10)
        ((2, 5, 10, 25), (2,))
    """
    most = max(2, min(fake, real // 2) // SPARE)  # half of the real ones are the control
    return tuple(size for size in SIZES if size <= most)


def birthday_support(
    fake: Array,
    real: Array,
    *,
    sizes: Sequence[int] | None = None,
    repeats: int = 20,
    quantile: float = 0.05,
    generator: torch.Generator | None = None,
) -> BirthdaySupport:
    """Look for near-duplicates in batches of samples.

    A threshold is made for each size s from one half of the real data: the `quantile` of the smallest
    distance within batches of s. The other half is the control. Distances are Euclidean.

    Args:
        fake: `[N, D]`, features or pixels of generated samples.
        real: `[M, D]`, the same of real ones.
        sizes: of the batches, each at most N and M / 2; of 2, 5, 10, 25, 50, 100, 200, 400 those up to N / 4
            and M / 8 when None. Without small ones a small support cannot be told.
        repeats: batches of each size, drawn without replacement within a batch.
        quantile: share of real batches that may hold a near-duplicate.
        generator: draws the batches; seed 0 when None.

    Raises:
        UserError: for too few samples, or other numbers out of range.
    """
    made, found = as_float64(fake, "fake"), as_float64(real, "real")
    check_same_width(found, made)
    sizes = usual_sizes(len(made), len(found)) if sizes is None else sizes
    _check_options(sizes, repeats, quantile)
    check_enough(made, "fake", max(sizes), f"a batch of {max(sizes)}")
    check_enough(found, "real", 2 * max(sizes), f"a batch of {max(sizes)} from each half")
    generator = fresh(generator)
    order = torch.randperm(len(found), generator=generator)
    halves = found[order[::2]], found[order[1::2]]
    rates: tuple[dict[int, Collisions], dict[int, Collisions]] = ({}, {})
    thresholds, closest = {}, made.new_zeros(0, 2, dtype=torch.int64)
    for size in sorted(sizes):
        setting, _ = closest_pairs(halves[0], size, repeats, generator)
        control, _ = closest_pairs(halves[1], size, repeats, generator)
        distances, pairs = closest_pairs(made, size, repeats, generator)
        threshold = setting.quantile(quantile)
        thresholds[size] = threshold.item()
        closest = pairs[distances.argsort()]
        for rate, smallest in zip(rates, (distances, control), strict=True):
            rate[size] = wilson(int((smallest <= threshold).sum()), repeats)
    often = [size for size, collisions in rates[0].items() if collisions.rate >= 0.5]
    smallest_size = often[0] if often else None
    support = None if smallest_size is None else smallest_size**2 / (2.0 * math.log(2.0))
    return BirthdaySupport(*rates, thresholds, smallest_size, support, smallest_size == min(sizes), closest)


def closest_pairs(
    values: Tensor, size: int, repeats: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return the smallest distance within random batches `[repeats]`, and whose it is `[repeats, 2]`."""
    distances, pairs = values.new_zeros(repeats), torch.zeros(repeats, 2, dtype=torch.int64)
    for repeat in range(repeats):
        rows = torch.randperm(len(values), generator=generator)[:size]
        batch = values[rows]
        smallest = torch.tensor(math.inf, dtype=torch.float64)
        for block, squared in squared_distance_blocks(batch, batch):
            own = torch.arange(block.start, block.stop)
            squared[torch.arange(len(own)), own] = math.inf
            least, place = squared.flatten().min(0)
            if least < smallest:
                smallest = least
                pairs[repeat] = rows[torch.stack([own[place // size], place % size])]
        distances[repeat] = smallest.sqrt()
    return distances, pairs


def wilson(hits: int, tries: int) -> Collisions:
    """Return a share with its 95 % interval (Wilson 1927), which is sensible at 0 and 1 too.

    Example:
        >>> interval = wilson(10, 20)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.2993, 0.7007)
    """
    rate = hits / tries
    shrink = 1.0 + Z**2 / tries
    middle = (rate + Z**2 / (2.0 * tries)) / shrink
    half = Z * math.sqrt(rate * (1.0 - rate) / tries + Z**2 / (4.0 * tries**2)) / shrink
    return Collisions(rate, max(0.0, middle - half), min(1.0, middle + half))


def _check_options(sizes: Sequence[int], repeats: int, quantile: float) -> None:
    if not sizes or min(sizes) < 2:
        raise UserError(f"sizes: expected batches of at least 2 samples, got {list(sizes)}.")
    if repeats < 1:
        raise UserError(f"repeats: expected at least 1, got {repeats}.")
    if not 0.0 < quantile < 1.0:
        raise UserError(f"quantile: expected a number in (0, 1), got {quantile}.")
