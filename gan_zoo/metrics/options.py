"""Checks of a metric's options, with messages that say what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from gan_zoo.errors import UserError, did_you_mean


def whole(name: str, value: Any, least: int, example: int) -> int:
    """Return `value` if it is a whole number of at least `least`.

    Raises:
        UserError: otherwise.

    Example:
        >>> whole("neighbors", 5, 1, 5)
        5
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserError(
            f"{name}={value!r}: a whole number of at least {least} is needed, such as {name}={example}."
        )
    return value


def number(name: str, value: Any, example: float, *, above: float = -math.inf) -> float:
    """Return `value` if it is a finite number above a bound.

    Raises:
        UserError: otherwise.

    Example:
        >>> number("sigma", 10, 10.0, above=0.0)
        10.0
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= above:
        bound = "" if above == -math.inf else f" above {above:g}"
        raise UserError(f"{name}={value!r}: a finite number{bound} is needed, such as {name}={example}.")
    return float(value)


def choice(name: str, value: Any, known: Iterable[str]) -> str:
    """Return `value` if it is one of the `known` names.

    Raises:
        UserError: otherwise.
    """
    known = tuple(known)
    if value not in known:
        raise UserError(f"{name}={value!r} is not known. {did_you_mean(str(value), known)}")
    return str(value)
