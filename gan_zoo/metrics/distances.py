"""Squared Euclidean distances in float64, right for near-copies too.

`|x|^2 + |y|^2 - 2 x.y` is fast, but it cancels where x and y almost agree: exactly where a duplicate has to
be told from a near-copy. Such pairs are computed once more from their differences.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

NARROW = 16  # up to this width differences are as fast as a matrix product
CANCELS = 1e-7  # below this share of (|x| + |y|)^2 fewer than 8 digits are left
BLOCK_ROWS = 1024
_PAIR_NUMBERS = 2**16  # of the differences at once, so that they stay in the processor's cache


def pair_distances(first: Tensor, second: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return the squared distances of `first[rows]` and `second[columns]`, `[P]`, from their differences.

    They depend on the two rows only, not on what else is asked for, so equal distances compare as equal.

    Args:
        first: `[N, D]`, float32 or float64.
        second: `[M, D]`, float32 or float64.
        rows: `[P]`.
        columns: `[P]`.
    """
    left, right, i, j = (values.numpy() for values in (first, second, rows, columns))
    result = np.empty(len(i))
    chunk = max(1, _PAIR_NUMBERS // left.shape[1])
    for start in range(0, len(i), chunk):  # NumPy: torch would start its threads for each small piece
        part = slice(start, start + chunk)
        differences = np.subtract(left[i[part]], right[j[part]], dtype=np.float64)
        # Not einsum, by which sums of more than 8,192 squares depend on the other rows.
        np.square(differences, out=differences).sum(1, out=result[part])
    return torch.from_numpy(result)


def narrow_distances(first: Tensor, second: Tensor) -> Tensor:
    """Return all squared distances `[N, M]` from differences; slow for wide rows."""
    return torch.cdist(first, second, compute_mode="donot_use_mm_for_euclid_dist").square_()


def squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """Return all squared distances, `[N, M]`, with at least 8 right digits, exactly 0 for copies.

    Args:
        first: `[N, D]`, float64.
        second: `[M, D]`, float64.

    Example:
        >>> squared_distances(torch.tensor([[0.0, 0.0]]).double(), torch.tensor([[3.0, 4.0]]).double())
        tensor([[25.]], dtype=torch.float64)
    """
    if first.shape[1] <= NARROW:
        return narrow_distances(first, second)
    center = second.mean(0)  # far from the origin more digits would cancel
    left, right = first - center, second - center
    scale = left.square().sum(1, keepdim=True) + right.square().sum(1)  # [N, M]
    distances = torch.addmm(scale, left, right.T, alpha=-2.0)
    rows, columns = (distances < CANCELS * scale).nonzero(as_tuple=True)
    distances[rows, columns] = pair_distances(first, second, rows, columns)
    return distances


def squared_distance_blocks(
    first: Tensor, second: Tensor, rows: int = BLOCK_ROWS
) -> Iterator[tuple[slice, Tensor]]:
    """Yield (rows of `first`, their squared distances `[rows, M]` to all of `second`), in order."""
    for start in range(0, len(first), rows):
        block = slice(start, min(start + rows, len(first)))
        yield block, squared_distances(first[block], second)
