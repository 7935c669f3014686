"""Class labels as metrics take them, and random pairs of samples, also within classes."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64


def as_labels(labels: Array | None, samples: int, classes: int | None = None) -> Tensor:
    """Return class labels `[N]` as int64 on the CPU.

    Args:
        labels: one whole number from 0 for each sample.
        samples: N, how many samples there are.
        classes: how many classes there are; any number when None.

    Raises:
        UserError: without labels, for another number of them, or values that are no classes.
    """
    if labels is None:
        raise UserError(
            "This metric works per class, but there are no labels. Give labels=..., one whole number for "
            "each sample, take a data set with labels, or leave the metric out."
        )
    values = as_float64(labels, "labels", 1)
    if len(values) != samples:
        raise UserError(f"labels: expected one for each of {samples} samples, got {len(values)}.")
    whole = values.long()
    top = "" if classes is None else f"..{classes - 1}"
    if (whole != values).any() or whole.min() < 0 or (classes is not None and whole.max() >= classes):
        worst = values[(whole != values) | (whole < 0) | (whole >= (classes or whole.max() + 1))][0].item()
        raise UserError(f"labels: expected whole numbers in 0{top}, got {worst:g}.")
    return whole


def fresh(generator: torch.Generator | None) -> torch.Generator:
    """Return `generator`, or one with seed 0, so that a figure does not depend on what was drawn before."""
    return torch.Generator().manual_seed(0) if generator is None else generator


def random_pairs(samples: int, pairs: int, generator: torch.Generator | None = None) -> Tensor:
    """Return indices `[pairs, 2]` of pairs of two different samples.

    As long as there are enough samples, none appears in two pairs; otherwise all pairs are equally likely.

    Raises:
        UserError: for fewer than two samples, or no pairs.
    """
    if samples < 2:
        raise UserError(f"A pair needs 2 samples, there are {samples}. Give more.")
    if pairs < 1:
        raise UserError(f"pairs: expected at least 1, got {pairs}.")
    generator = fresh(generator)
    if 2 * pairs <= samples:
        return torch.randperm(samples, generator=generator)[: 2 * pairs].view(pairs, 2)
    first = torch.randint(samples, (pairs,), generator=generator)
    others = torch.randint(samples - 1, (pairs,), generator=generator)  # all but the first
    return torch.stack([first, others + (others >= first)], dim=1)


def pairs_by_class(labels: Tensor, pairs: int, generator: torch.Generator | None = None) -> dict[int, Tensor]:
    """Return indices `[pairs, 2]` of two different samples of one class, for each class that occurs in `[N]`.

    Raises:
        UserError: for a class with one sample.
    """
    generator = fresh(generator)
    chosen = {}
    for label in labels.unique().tolist():
        members = (labels == label).nonzero()[:, 0]
        if len(members) < 2:
            raise UserError(f"Class {label} has 1 sample, a pair needs 2. Give more samples of each class.")
        chosen[label] = members[random_pairs(len(members), pairs, generator)]
    return chosen
