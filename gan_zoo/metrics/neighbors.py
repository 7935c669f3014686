"""Distances to the k-th nearest neighbor within a set, exact also among copies and near-copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan_zoo.metrics.estimates import Estimates, Rounded, in_double, places

_SIDE = 2560  # rows and columns of a block: 26 MB in single precision
_SPARE = 64  # candidates beyond the wanted one, for those that the estimates cannot tell from it
_GROUP = 16  # columns of which one minimum is taken
_ROWS = 256  # that are searched once more at a time


@dataclass(frozen=True)
class Distinct:
    """A set without its copies; a collapsed generator has many.

    Attributes:
        values: `[U, D]`, float32 or float64, the distinct rows.
        counts: `[U]`, int64, how often each occurs.
        index: `[N]`, int64, which distinct row each row is.
    """

    values: Tensor
    counts: Tensor
    index: Tensor

    @classmethod
    def of(cls, values: Tensor) -> Distinct:
        """Return those of `[N, D]`, float32 or float64."""
        if not _may_have_copies(values):
            return cls(values, torch.ones(len(values), dtype=torch.int64), torch.arange(len(values)))
        rows = np.ascontiguousarray((values + 0.0).numpy())  # + 0.0 makes -0.0 the same as 0.0
        keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).reshape(-1)
        _, first, index, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        return cls(values[torch.from_numpy(first)], torch.from_numpy(counts), torch.from_numpy(index))

    @cached_property
    def rounded(self) -> Rounded:
        """The values in single precision, for estimates."""
        return Rounded(self.values)


def _may_have_copies(values: Tensor) -> bool:
    """Return False if a weighted sum tells all rows apart, which costs less than to compare them."""
    weights = np.random.default_rng(0).standard_normal(values.shape[1])
    sums = np.concatenate([(rows * weights).sum(1) for _, rows in in_double(values)])
    return len(np.unique(sums)) < len(sums)


class Neighbors(NamedTuple):
    """The k-th nearest other sample of each distinct row.

    Attributes:
        squared: `[U]`, float64, squared distance; 0 where there are at least k further copies.
        column: `[U]`, int64, which distinct row it is; the row itself where it is a copy.
        tied: `[U]`, bool, whether other samples may lie at exactly the same distance.
    """

    squared: Tensor
    column: Tensor
    tied: Tensor


class _Candidates(NamedTuple):
    """Others that may be the wanted neighbor, and all that are nearer.

    Attributes:
        rows: `[R]`, int64, distinct rows whose candidates these are.
        distances: `[R, K]`, float64, estimates in ascending order, infinite where there are fewer than K.
        columns: `[R, K]`, int64, which distinct rows the candidates are.
        bound: `[R]`, float64, of the error of the estimates.
    """

    rows: Tensor
    distances: Tensor
    columns: Tensor
    bound: Tensor


def nearest(points: Distinct, rank: int) -> Neighbors:
    """Return the `rank`-th nearest other sample (1 is the nearest), copies counted as samples.

    Args:
        points: of N samples.
        rank: at least 1, below N.
    """
    size = len(points.values)
    if size == 1:
        return Neighbors(torch.zeros(1).double(), torch.zeros(1).long(), torch.ones(1).bool())
    estimates = Estimates(points.rounded, points.rounded)
    candidates, crowded = _candidates(estimates, rank)
    result = _settle(points, estimates, candidates, rank)
    for rows in crowded.nonzero()[:, 0].split(_ROWS) if crowded.any() else ():
        block, bound = estimates.precise_block(rows)
        block[torch.arange(len(rows)), rows] = torch.inf
        distances, columns = block.sort(1)
        wide = _Candidates(rows, distances[:, :-1], columns[:, :-1], bound)
        for column, found in zip(result, _settle(points, estimates, wide, rank), strict=True):
            column[rows] = found
    return result


def _settle(points: Distinct, estimates: Estimates, candidates: _Candidates, rank: int) -> Neighbors:
    """Return the neighbors among the candidates.

    The k-th smallest of the estimates is off by no more than the worst of them, so all that may be the true
    one lie within two bounds of it.
    """
    rows, distances, columns, bound = candidates
    needed = rank - (points.counts[rows] - 1)  # copies of the row itself come first

    def chosen(columns: Tensor) -> Tensor:
        reached = points.counts[columns].cumsum(1) < needed[:, None]
        return reached.sum(1, keepdim=True).clamp_(max=columns.shape[1] - 1)

    middle = distances.gather(1, chosen(columns))
    if not estimates.direct:
        band = ((distances - middle).abs() <= 2.0 * bound[:, None]) & (needed > 0)[:, None]
        pairs = band.nonzero(as_tuple=True)
        distances = distances.clone()
        distances[pairs] = estimates.exact(rows[pairs[0]], columns[pairs])
    distances, order = distances.sort(1)
    columns = columns.gather(1, order)
    place = chosen(columns)
    squared = distances.gather(1, place)
    tied = (distances == squared).sum(1) > 1
    column = torch.where(needed > 0, columns.gather(1, place)[:, 0], rows)
    squared = torch.where(needed > 0, squared[:, 0], 0.0)
    return Neighbors(squared, column, tied | (needed <= 0))


def _candidates(estimates: Estimates, rank: int) -> tuple[_Candidates, Tensor]:
    """Return the candidates of all rows, and which rows have too many; each pair is estimated once.

    The `rank` smallest of some estimates bound the `rank` smallest of all, so what lies more than two bounds
    of the error beyond the largest of them is no candidate. Copies only bring the wanted neighbor nearer.
    """
    size, most = len(estimates.bound), rank + _SPARE
    dtype, bound = estimates.dtype, estimates.bound.numpy()
    smallest = np.full((size, rank), np.inf, dtype)
    crowded, kept = np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int64)
    pairs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def limits(rows: slice) -> np.ndarray:
        reach = smallest[rows].max(1) + 2.0 * bound[rows]
        return np.minimum(reach, np.finfo(dtype).max).astype(dtype)

    def add(rows: slice, others: slice, block: np.ndarray) -> None:
        joined = np.concatenate([smallest[rows], _small(block, rank)], axis=1)
        smallest[rows] = np.partition(joined, rank - 1, axis=1)[:, :rank]
        near = block <= limits(rows)[:, None]
        if np.count_nonzero(near) > most * len(near):  # else they are few, whichever rows have them
            crowded[rows] |= near.sum(1) > most
        if crowded[rows].any():
            near[crowded[rows]] = False
        i, j = places(near)
        kept[rows] += np.bincount(i, minlength=len(near))
        crowded[rows] |= kept[rows] > 2 * most  # some in each of many blocks, not only by early limits
        pairs.append((i + rows.start, j + others.start, block[i, j]))

    for rows, others in _upper_blocks(size):
        block = estimates.block(rows, others)
        if rows == others:
            np.fill_diagonal(block, np.inf)
        else:
            add(others, rows, block.T)
        add(rows, others, block)
    i, j, distances = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    near = distances <= limits(slice(None))[i]
    return _padded(estimates, i[near], j[near], distances[near], crowded, most)


def _padded(
    estimates: Estimates,
    rows: np.ndarray,
    columns: np.ndarray,
    distances: np.ndarray,
    crowded: np.ndarray,
    most: int,
) -> tuple[_Candidates, Tensor]:
    """Return pairs row by row, and which rows have more than `most` or were `crowded` before."""
    size = len(estimates.bound)
    counts = np.bincount(rows, minlength=size)
    width = min(most, max(1, counts.max()))
    order = np.lexsort((distances, rows))
    rows, columns, distances = rows[order], columns[order], distances[order]
    place = np.arange(len(rows)) - (counts.cumsum() - counts)[rows]
    fits = place < width
    table, names = np.full((size, width), np.inf), np.zeros((size, width), dtype=np.int64)
    table[rows[fits], place[fits]] = distances[fits]
    names[rows[fits], place[fits]] = columns[fits]
    candidates = _Candidates(
        torch.arange(size), torch.from_numpy(table), torch.from_numpy(names), estimates.bound
    )
    return candidates, torch.from_numpy(crowded | (counts > most))


def _small(block: np.ndarray, count: int) -> np.ndarray:
    """Return `count` different numbers of each row of `[rows, M]`, almost the smallest; all of few.

    They are the smallest minima of groups of columns: minima are taken of many numbers at a time.
    """
    width = block.shape[1]
    if width <= count:
        return block
    groups = width // _GROUP
    if groups >= 4 * count:
        grouped = groups * _GROUP  # column c is in group c % groups
        minima = block[:, :grouped].reshape(len(block), _GROUP, groups).min(axis=1)
        block = np.concatenate([minima, block[:, grouped:]], axis=1)
    return np.partition(block, count - 1, axis=1)[:, :count]


def _upper_blocks(size: int) -> Iterator[tuple[slice, slice]]:
    """Yield the blocks of a square matrix on and above its diagonal, of equal sides up to one."""
    parts = -(-size // _SIDE)
    edges = [size * part // parts for part in range(parts + 1)]
    slices = [slice(start, stop) for start, stop in pairwise(edges)]
    for number, rows in enumerate(slices):
        yield from ((rows, others) for others in slices[number:])
