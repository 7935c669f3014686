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

from gan_zoo.metrics.estimates import Estimates, Rounded

_SIDE = 2560  # rows and columns of a block: 26 MB in single precision
_SPARE = 16  # neighbors kept beyond the wanted one, for those that the estimates cannot tell from it
_STRIP = 512  # rows of a block that are ranked at a time: small temporaries cost little
_GROUP = 16  # columns of which one minimum is taken
_ROWS = 256  # that are searched once more at a time


@dataclass(frozen=True)
class Distinct:
    """A set without its copies; a collapsed generator has many.

    Attributes:
        values: `[U, D]`, float64, the distinct rows.
        counts: `[U]`, int64, how often each occurs.
        index: `[N]`, int64, which distinct row each row is.
    """

    values: Tensor
    counts: Tensor
    index: Tensor

    @classmethod
    def of(cls, values: Tensor) -> Distinct:
        """Return those of `[N, D]`, float64."""
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
    rows = values.numpy()
    sums = np.einsum("ij,j->i", rows, np.random.default_rng(0).standard_normal(rows.shape[1]))
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


class _Kept(NamedTuple):
    """For some rows: distances `[rows, K]` in ascending order, their columns, and the bounds `[rows]`."""

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
    keep = min(rank + _SPARE, size - 1)
    kept = _keep_smallest(estimates, keep)
    result, undecided = _settle(points, estimates, kept, rank)
    if keep < size - 1:
        for rows in undecided.nonzero()[:, 0].split(_ROWS):
            block, bound = estimates.precise_block(rows)
            block[torch.arange(len(rows)), rows] = torch.inf
            distances, columns = block.sort(1)
            wide = _Kept(rows, distances[:, :-1], columns[:, :-1], bound)
            for column, found in zip(result, _settle(points, estimates, wide, rank)[0], strict=True):
                column[rows] = found
    return result


def _settle(points: Distinct, estimates: Estimates, kept: _Kept, rank: int) -> tuple[Neighbors, Tensor]:
    """Return the neighbors among the kept ones, and for which rows the kept ones may not be enough.

    The k-th smallest of the estimates is off by no more than the worst of them, so all that may be the true
    one lie within two bounds of it.
    """
    needed = rank - (points.counts[kept.rows] - 1)  # copies of the row itself come first

    def chosen(columns: Tensor) -> Tensor:
        reached = points.counts[columns].cumsum(1) < needed[:, None]
        return reached.sum(1, keepdim=True).clamp_(max=columns.shape[1] - 1)

    middle = kept.distances.gather(1, chosen(kept.columns))
    margin = 2.0 * kept.bound[:, None]
    undecided = (kept.distances[:, -1:] <= middle + margin)[:, 0] & (needed > 0)
    band = ((kept.distances - middle).abs() <= margin) & (needed > 0)[:, None]
    distances = kept.distances.clone()
    if not estimates.direct:
        pairs = band.nonzero(as_tuple=True)
        distances[pairs] = estimates.exact(kept.rows[pairs[0]], kept.columns[pairs])
    distances, order = distances.sort(1)
    columns = kept.columns.gather(1, order)
    place = chosen(columns)
    squared = distances.gather(1, place)
    tied = (distances == squared).sum(1) > 1
    column = torch.where(needed > 0, columns.gather(1, place)[:, 0], kept.rows)
    squared = torch.where(needed > 0, squared[:, 0], 0.0)
    return Neighbors(squared, column, tied | (needed <= 0)), undecided


def _keep_smallest(estimates: Estimates, keep: int) -> _Kept:
    """Return the `keep` smallest estimates of each row, without itself; each pair is estimated once."""
    size = len(estimates.bound)
    distances = torch.full((size, keep), torch.inf, dtype=estimates.dtype)
    columns = torch.zeros(size, keep, dtype=torch.int64)

    def add(rows: slice, start: int, block: Tensor) -> None:
        for part in range(0, len(block), _STRIP):
            strip = block[part : part + _STRIP].contiguous()
            into = slice(rows.start + part, rows.start + part + len(strip))
            found, where = _smallest(strip, keep)
            joined = torch.cat([distances[into], found], dim=1)
            places = torch.cat([columns[into], where + start], dim=1)
            distances[into], order = joined.topk(keep, largest=False)
            columns[into] = places.gather(1, order)

    for rows, others in _upper_blocks(size):
        block = estimates.block(rows, others)
        if rows == others:
            block.fill_diagonal_(torch.inf)
        else:
            add(others, rows.start, block.T)
        add(rows, others.start, block)
    return _Kept(torch.arange(size), distances.double(), columns, estimates.bound)


def _smallest(block: Tensor, keep: int) -> tuple[Tensor, Tensor]:
    """Return the `keep` smallest of each row of `[rows, M]` and their columns, in any order; all of few.

    They lie in the groups of columns with the `keep` smallest minima. Minima are taken of many numbers at a
    time, so few are left to be ranked.
    """
    width = block.shape[1]
    groups = width // _GROUP
    if groups <= keep:
        return block.topk(min(keep, width), largest=False, sorted=False)
    grouped = groups * _GROUP  # column c is in group c % groups
    members = block[:, :grouped].unflatten(1, (_GROUP, groups)).numpy()
    minima = torch.from_numpy(np.minimum.reduce(members, axis=1))  # torch takes several times as long
    chosen = minima.topk(keep, largest=False, sorted=False).indices
    columns = (chosen[:, None] + groups * torch.arange(_GROUP)[:, None]).flatten(1)
    rest = torch.arange(grouped, width).expand(len(block), -1)
    columns = torch.cat([columns, rest], dim=1)
    found, where = block.gather(1, columns).topk(keep, largest=False, sorted=False)
    return found, columns.gather(1, where)


def _upper_blocks(size: int) -> Iterator[tuple[slice, slice]]:
    """Yield the blocks of a square matrix on and above its diagonal, of equal sides up to one."""
    parts = -(-size // _SIDE)
    edges = [size * part // parts for part in range(parts + 1)]
    slices = [slice(start, stop) for start, stop in pairwise(edges)]
    for number, rows in enumerate(slices):
        yield from ((rows, others) for others in slices[number:])
