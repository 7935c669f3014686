"""Checks of arguments, with messages that say what to type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gan_zoo.errors import UserError, did_you_mean


def whole(name: str, value: Any, least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `least`.

    Raises:
        UserError: otherwise.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserError(f"data.{name}={value!r}: a whole number of at least {least} is needed.")
    return value


def positive(name: str, value: Any) -> float:
    """Return `value` if it is a finite number above 0.

    Raises:
        UserError: otherwise.
    """
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= 0:
        raise UserError(f"data.{name}={value!r}: a number above 0 is needed.")
    return float(value)


def share(name: str, value: Any) -> float:
    """Return `value` if it is a share of the data, at least 0 and below 1.

    Raises:
        UserError: otherwise.
    """
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:
        raise UserError(f"data.{name}={value!r}: a share in [0, 1) is needed; try data.{name}=0.1.")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is true or false.

    Raises:
        UserError: otherwise.
    """
    if not isinstance(value, bool):
        raise UserError(f"data.{name}={value!r}: allowed are true and false.")
    return value


def choice(name: str, value: Any, allowed: Sequence[str]) -> str:
    """Return `value` if it is one of `allowed`.

    Raises:
        UserError: otherwise.
    """
    if value not in allowed:
        raise UserError(f"data.{name}={value!r} is not known. {did_you_mean(str(value), allowed)}")
    return str(value)


def image_size(value: Any) -> tuple[int, int] | None:
    """Read `size`: null, one number for squares, or `[height, width]`.

    Raises:
        UserError: otherwise.

    Example:
        >>> image_size(32)
        (32, 32)
    """
    if value is None:
        return None
    sides = value if isinstance(value, Sequence) and not isinstance(value, str) else (value, value)
    if len(sides) != 2:
        raise UserError(f"data.size={value!r}: give one number, [height,width], or null (as they are).")
    return whole("size", sides[0]), whole("size", sides[1])
