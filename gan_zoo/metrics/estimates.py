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
_CHUNK = 256  # rows that are converted at a time


class Estimates:
    """Estimated squared distances of two sets; narrow ones are computed as they are, with bound 0.

    Args:
        first: `[N, D]`, float64.
        second: `[M, D]`, float64; the same tensor for distances within one set.

    Attributes:
        direct: whether distances are computed from differences, without estimates.
        bound: `[N]`, float64; no estimate of row i is off by more than `bound[i]`.
    """

    def __init__(self, first: Tensor, second: Tensor) -> None:
        self.first, self.second = first, second
        center = second.mean(0).numpy()
        self._left = _Rounded(first, center)
        self._right = self._left if first is second else _Rounded(second, center)
        reach, farthest = np.sqrt(self._left.squares), np.sqrt(self._right.squares.max())
        width, largest = first.shape[1], max(reach.max(), farthest)
        self.direct = width <= NARROW or not 1.0 / _SAFE < largest < _SAFE
        # A product of D terms is off by at most D roundings of |x||y| (Higham 2002, section 3.1); the other
        # roundings, of inputs, norms, sums and limits, are fewer than 24, of at most (|x| + |y|)^2 each.
        self._roundings = torch.from_numpy((width + 24) * (reach + farthest) ** 2)
        self.bound = self._roundings * (0.0 if self.direct else _SINGLE)

    def block(self, rows: slice, columns: slice = slice(None)) -> Tensor:
        """Return estimates `[rows, columns]`, float32, or float64 where they are direct."""
        if self.direct:
            return narrow_distances(self.first[rows], self.second[columns])
        left, right = self._left, self._right
        block = (
            left.values[rows] @ right.values[columns].T
        )  # NumPy: torch may be told to multiply in bfloat16
        block *= np.float32(-2.0)
        block += left.squares[rows, None].astype(np.float32)
        block += right.squares[columns].astype(np.float32)
        return torch.from_numpy(block)

    def precise_block(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return better estimates `[rows, M]`, float64, and their bounds `[rows]`."""
        if self.direct:
            return narrow_distances(self.first[rows], self.second), self.bound[rows]
        return squared_distances(self.first[rows], self.second), _DOUBLE * self._roundings[rows]

    def exact(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Return the distances of pairs as double precision has them, `[P]`."""
        return pair_distances(self.first, self.second, rows, columns)

    def below(self, rows: slice, *limits: Tensor) -> list[Tensor]:
        """Return for each limit whether distances lie strictly below it, bool `[rows, M]`.

        Args:
            rows: of `first`.
            limits: squared distances, float64, `[rows, 1]` or `[1, M]`.
        """
        block, bound = self.block(rows), self.bound[rows, None]
        return [self._below(rows, block, bound, limit) for limit in limits]

    def within(self, rows: Tensor, limit: Tensor) -> Tensor:
        """Return whether distances are at most `limit` `[rows, 1]`, bool `[rows, M]`."""
        block, bound = self.precise_block(rows)
        result = block <= limit + bound[:, None]
        if not self.direct:
            pairs = result.nonzero(as_tuple=True)
            result[pairs] = self.exact(rows[pairs[0]], pairs[1]) <= limit[pairs[0], 0]
        return result

    def _below(self, rows: slice, block: Tensor, bound: Tensor, limit: Tensor) -> Tensor:
        surely = block < (limit - bound).to(block.dtype)
        if self.direct:
            return surely
        undecided = (block < (limit + bound).to(block.dtype)).logical_xor_(surely)
        pairs = undecided.nonzero(as_tuple=True)
        if len(pairs[0]) > _MANY * len(block) and block.dtype == torch.float32:
            block, bound = self.precise_block(torch.arange(rows.start, rows.stop))
            return self._below(rows, block, bound[:, None], limit)
        surely[pairs] = self.exact(pairs[0] + rows.start, pairs[1]) < limit.expand_as(block)[pairs]
        return surely


class _Rounded:
    """Centered rows in single precision, `values` `[N, D]`; squared norms in double, `squares` `[N]`."""

    def __init__(self, given: Tensor, center: np.ndarray) -> None:
        rows = given.numpy()
        self.values, self.squares = np.empty(rows.shape, np.float32), np.empty(len(rows))
        for start in range(0, len(rows), _CHUNK):
            part = slice(start, start + _CHUNK)
            centered = rows[part] - center
            np.einsum("ij,ij->i", centered, centered, out=self.squares[part])
            with np.errstate(over="ignore", under="ignore"):  # then distances are direct
                self.values[part] = centered
