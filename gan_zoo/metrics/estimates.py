"""Squared distances in single precision with a bound on their error, and comparisons exact nevertheless.

Whether a distance lies below a limit is decided by the estimate where the bound allows it. The few pairs that
are left are computed in double precision, so the answer is that of double precision at half the cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from gan_zoo.metrics.distances import NARROW, narrow_distances, pair_distances, squared_distances

_SINGLE, _DOUBLE = 2.0**-24, 2.0**-53  # relative error of one rounding
_SMALLEST = 2.0**-149
_SAFE = 1e9  # norms between 1 / _SAFE and _SAFE neither overflow nor vanish when squared in single precision
_MANY = 32  # undecided pairs per row above which a block is computed in double precision
_CHUNK = 2**17  # numbers that are converted at a time: 1 MB, so that they stay in the processor's cache

Pairs = tuple[Tensor, Tensor]  # rows, counted from the first that was asked for, and columns, `[P]` each


def in_double(values: Tensor, center: np.ndarray | float = 0.0) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows of `[N, D]` less the center in double precision, some at a time; the next replace them."""
    rows = values.numpy()
    space = np.empty((max(1, _CHUNK // rows.shape[1]), rows.shape[1]))
    for start in range(0, len(rows), len(space)):
        part = slice(start, min(start + len(space), len(rows)))
        yield part, np.subtract(rows[part], center, out=space[: part.stop - start])


class Rounded:
    """A set in single precision, about its own mean, where most digits are left.

    Args:
        given: `[N, D]`, float32 or float64.

    Attributes:
        given: as it was given.
        center: `[D]`, float64, the mean.
        values: `[N, D]`, float32, rows less the center.
        squares: `[N]`, float64, their squared norms before rounding.
    """

    def __init__(self, given: Tensor) -> None:
        self.given = given
        self.center = sum(rows.sum(0) for _, rows in in_double(given)) / len(given)
        self.values, self.squares = np.empty(given.shape, np.float32), np.empty(len(given))
        for part, centered in in_double(given, self.center):
            np.einsum("ij,ij->i", centered, centered, out=self.squares[part])
            with np.errstate(over="ignore", under="ignore"):  # then distances are direct
                self.values[part] = centered

    @cached_property
    def double(self) -> Tensor:
        """What was given in double precision."""
        return self.given.double()


class Estimates:
    """Estimated squared distances of two sets; narrow ones are computed as they are, with bound 0.

    With each set about its own center and s between the centers, |x + s - y|^2 is
    (|x|^2 + 2 s.x + |s|^2) + (|y|^2 - 2 s.y) - 2 x.y: a number per row, one per column, and a product.

    Args:
        first: of N samples.
        second: of M samples; the same object for distances within one set.

    Attributes:
        direct: whether distances are computed from differences, without estimates.
        dtype: of blocks.
        bound: `[N]`, float64; no estimate of row i is off by more than `bound[i]`.
    """

    def __init__(self, first: Rounded, second: Rounded) -> None:
        self._first, self._second = first, second
        shift = first.center - second.center
        apart = float(np.linalg.norm(shift))
        reach, farthest = np.sqrt(first.squares), np.sqrt(second.squares.max())
        width, largest = len(shift), max(reach.max(), farthest, apart)
        self.direct = width <= NARROW or not 1.0 / _SAFE < largest < _SAFE
        self.dtype = np.float64 if self.direct else np.float32
        # A product of D terms is off by at most D roundings of |x||y| (Higham 2002, section 3.1), the three
        # together by no more than D of (|x| + |y| + |s|)^2; the other roundings, of inputs, sums and limits,
        # are fewer than 24, of at most that much each.
        self._roundings = torch.from_numpy((width + 24) * (reach + farthest + apart) ** 2)
        vanished = 3.0 * (width + 24) * _SMALLEST  # of products and norms too small for single precision
        self.bound = self._roundings * 0.0 if self.direct else self._roundings * _SINGLE + vanished
        if not self.direct:
            along = shift.astype(np.float32)
            of_rows = first.squares + 2.0 * (first.values @ along) + apart**2
            of_columns = second.squares - 2.0 * (second.values @ along)
            self._of_rows, self._of_columns = of_rows.astype(np.float32), of_columns.astype(np.float32)
        self._space = np.empty(0, np.float32)

    def block(self, rows: slice, columns: slice = slice(None)) -> np.ndarray:
        """Return estimates `[rows, columns]`.

        The next call writes over them: fresh memory costs as much as to compute them. What is done with them
        is done faster by NumPy than by torch, whose threads and those of the product get in each other's way.
        """
        if self.direct:
            return narrow_distances(self._first.double[rows], self._second.double[columns]).numpy()
        left, right = self._first.values[rows], self._second.values[columns]
        size = len(left) * len(right)
        if self._space.size < size:
            self._space = np.empty(size, np.float32)
        block = self._space[:size].reshape(len(left), len(right))
        np.matmul(left, right.T, out=block)  # not torch, which may be told to multiply in bfloat16
        strip = max(1, _CHUNK // len(right))
        for start in range(0, len(left), strip):
            part = block[start : start + strip]
            part *= -2.0
            part += self._of_columns[columns]
            part += self._of_rows[rows][start : start + strip, None]
        return block

    def precise_block(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return better estimates `[rows, M]`, float64, and their bounds `[rows]`."""
        first, second = self._first.double[rows], self._second.double
        if self.direct:
            return narrow_distances(first, second), self.bound[rows]
        return squared_distances(first, second), 2.0 * _DOUBLE * self._roundings[rows]

    def exact(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Return the distances of pairs as double precision has them, `[P]`."""
        return pair_distances(self._first.given, self._second.given, rows, columns)

    def below(self, rows: slice, *limits: Tensor) -> list[Pairs]:
        """Return for each limit the pairs whose distance lies strictly below it.

        Args:
            rows: of `first`.
            limits: squared distances, float64, `[rows, 1]` or `[1, M]`.
        """
        block = self.block(rows)
        if self.direct:
            return [_pairs(*places(block < limit.numpy())) for limit in limits]
        bound = self.bound[rows].numpy()
        block -= bound.astype(block.dtype)[:, None]
        return [self._decide(rows, limit.numpy(), block, bound) for limit in limits]

    def within(self, rows: Tensor, limit: Tensor) -> Tensor:
        """Return whether distances are at most `limit` `[rows, 1]`, bool `[rows, M]`."""
        block, bound = self.precise_block(rows)
        result = block <= limit + bound[:, None]
        if not self.direct:
            pairs = result.nonzero(as_tuple=True)
            result[pairs] = self.exact(rows[pairs[0]], pairs[1]) <= limit[pairs[0], 0]
        return result

    def _decide(self, rows: slice, limit: np.ndarray, least: np.ndarray, bound: np.ndarray) -> Pairs:
        """Return the pairs below the limit, given estimates less their bound, `[rows, M]`."""
        i, j = places(least < limit.astype(least.dtype))
        limits = np.broadcast_to(limit, least.shape)[i, j]
        close = (least[i, j] + 2.0 * bound[i] >= limits).nonzero()[0]
        if len(close) > _MANY * len(least) and least.dtype == np.float32:
            better, narrow = self.precise_block(torch.arange(rows.start, rows.stop))
            return self._decide(rows, limit, better.sub_(narrow[:, None]).numpy(), narrow.numpy())
        chosen = np.ones(len(i), dtype=bool)
        found = self.exact(torch.from_numpy(rows.start + i[close]), torch.from_numpy(j[close]))
        chosen[close] = found.numpy() < limits[close]
        return _pairs(i[chosen], j[chosen])


def places(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of what is set in `[rows, M]`, where little is."""
    if not mask.flags.c_contiguous:
        columns, rows = places(mask.T)
        return rows, columns
    rows, columns = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, columns


def _pairs(rows: np.ndarray, columns: np.ndarray) -> Pairs:
    return torch.from_numpy(rows), torch.from_numpy(columns)
