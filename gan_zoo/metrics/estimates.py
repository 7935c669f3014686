"""Squared distances in single precision with a bound on their error, and comparisons exact nevertheless.

Whether a distance lies below a limit is decided by the estimate where the bound allows it. The few pairs that
are left are computed in double precision, so the answer is that of double precision at half the cost.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gan_zoo.metrics.distances import NARROW, narrow_distances, pair_distances, squared_distances

_SINGLE, _DOUBLE = 2.0**-24, 2.0**-53  # relative error of one rounding
_SAFE = 1e9  # norms between 1 / _SAFE and _SAFE neither overflow nor vanish when squared in single precision
_MANY = 32  # undecided pairs per row above which a block is computed in double precision
_CHUNK = 2**17  # numbers that are converted at a time: 1 MB, so that they stay in the processor's cache

Pairs = tuple[Tensor, Tensor]  # rows, counted from the first that was asked for, and columns, `[P]` each


class Rounded:
    """A set in single precision, about its own mean, where most digits are left.

    Args:
        given: `[N, D]`, float64.

    Attributes:
        given: as it was given.
        center: `[D]`, float64, the mean.
        values: `[N, D]`, float32, rows less the center.
        squares: `[N]`, float64, their squared norms before rounding.
    """

    def __init__(self, given: Tensor) -> None:
        self.given, self.center = given, given.mean(0).numpy()
        rows = given.numpy()
        self.values, self.squares = np.empty(rows.shape, np.float32), np.empty(len(rows))
        space = np.empty((max(1, _CHUNK // rows.shape[1]), rows.shape[1]))
        for start in range(0, len(rows), len(space)):
            part = slice(start, min(start + len(space), len(rows)))
            centered = np.subtract(rows[part], self.center, out=space[: part.stop - start])
            np.einsum("ij,ij->i", centered, centered, out=self.squares[part])
            with np.errstate(over="ignore", under="ignore"):  # then distances are direct
                self.values[part] = centered


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
        self.dtype = torch.float64 if self.direct else torch.float32
        # A product of D terms is off by at most D roundings of |x||y| (Higham 2002, section 3.1), the three
        # together by no more than D of (|x| + |y| + |s|)^2; the other roundings, of inputs, sums and limits,
        # are fewer than 24, of at most that much each.
        self._roundings = torch.from_numpy((width + 24) * (reach + farthest + apart) ** 2)
        self.bound = self._roundings * (0.0 if self.direct else _SINGLE)
        if not self.direct:
            along = shift.astype(np.float32)
            self._of_rows = _single(first.squares + 2.0 * (first.values @ along) + apart**2)
            self._of_columns = _single(second.squares - 2.0 * (second.values @ along))
        self._space = np.empty(0, np.float32)

    def block(self, rows: slice, columns: slice = slice(None)) -> Tensor:
        """Return estimates `[rows, columns]`.

        The next call writes over them: fresh memory costs as much as to compute them.
        """
        if self.direct:
            return narrow_distances(self._first.given[rows], self._second.given[columns])
        left, right = self._first.values[rows], self._second.values[columns]
        size = len(left) * len(right)
        if self._space.size < size:
            self._space = np.empty(size, np.float32)
        products = self._space[:size].reshape(len(left), len(right))
        np.matmul(left, right.T, out=products)  # NumPy: torch may be told to multiply in bfloat16
        block = torch.from_numpy(products)
        torch.add(self._of_columns[columns], block, alpha=-2.0, out=block)
        return block.add_(self._of_rows[rows, None])

    def precise_block(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return better estimates `[rows, M]`, float64, and their bounds `[rows]`."""
        first, second = self._first.given[rows], self._second.given
        if self.direct:
            return narrow_distances(first, second), self.bound[rows]
        return squared_distances(first, second), _DOUBLE * self._roundings[rows]

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
            return [_places(block < limit) for limit in limits]
        bound = self.bound[rows]
        least = block.sub_(bound.to(block.dtype)[:, None])
        every = torch.arange(rows.start, rows.stop)
        return [self._decide(every, limit, least, bound) for limit in limits]

    def within(self, rows: Tensor, limit: Tensor) -> Tensor:
        """Return whether distances are at most `limit` `[rows, 1]`, bool `[rows, M]`."""
        block, bound = self.precise_block(rows)
        result = block <= limit + bound[:, None]
        if not self.direct:
            pairs = result.nonzero(as_tuple=True)
            result[pairs] = self.exact(rows[pairs[0]], pairs[1]) <= limit[pairs[0], 0]
        return result

    def _decide(self, rows: Tensor, limit: Tensor, least: Tensor, bound: Tensor) -> Pairs:
        """Return the pairs below the limit, given estimates less their bound, `[rows, M]`."""
        i, j = _places(least < limit.to(least.dtype))
        limits = limit.expand_as(least)[i, j]
        close = (least[i, j] + 2.0 * bound[i] >= limits).nonzero()[:, 0]
        if len(close) > _MANY * len(rows) and least.dtype == torch.float32:
            better, bound = self.precise_block(rows)
            return self._decide(rows, limit, better.sub_(bound[:, None]), bound)
        chosen = torch.ones(len(i), dtype=torch.bool)
        chosen[close] = self.exact(rows[i[close]], j[close]) < limits[close]
        return i[chosen], j[chosen]


def _single(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))


def _places(mask: Tensor) -> Pairs:
    """Return rows and columns of what is set in `[rows, M]`; few are, which NumPy sees faster."""
    found = np.flatnonzero(mask.numpy())
    rows, columns = np.divmod(found, mask.shape[1])
    return torch.from_numpy(rows), torch.from_numpy(columns)
