"""Class probabilities as metrics accept them."""

from __future__ import annotations

from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64

TOLERANCE = 1e-3  # by which a sum may differ from 1; a softmax in half precision is off by less


def as_probabilities(values: Array, name: str) -> Tensor:
    """Return class probabilities `[N, K]`, float64.

    Raises:
        UserError: for negative values or rows that do not sum to 1, such as logits.
    """
    rows = as_float64(values, name)
    sums = rows.sum(1)
    wrong = (rows < 0.0).any(1) | ((sums - 1.0).abs() > TOLERANCE)
    if wrong.any():
        first = int(wrong.nonzero()[0])
        raise UserError(
            f"{name}: {int(wrong.sum())} of {len(rows)} rows are no probabilities; row {first} has the sum "
            f"{sums[first]:.4g} and the minimum {rows[first].min():.4g}. Give logits.softmax(1)."
        )
    return rows
