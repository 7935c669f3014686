"""Errors meant for the person at the keyboard, and spelling help for them."""

import difflib
import math
from collections.abc import Iterable
from typing import Any


class UserError(ValueError):
    """A mistake that the user can mend: shown as one message without a traceback, exit code 2.

    The text says what is wrong, what was given, what is allowed and what to type.
    """


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Say which known names are meant by a misspelled one.

    Example:
        >>> did_you_mean("hing", ["hinge", "js"])
        "Did you mean 'hinge'? Known: hinge, js."
    """
    names = sorted(known)
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(names) or 'none'}."


def require_number(
    name: str, value: Any, low: float = -math.inf, high: float = math.inf, open_low: bool = False
) -> float:
    """Return `value` as a float if it is a finite number in [low, high], or in (low, high] where `open_low`.

    Raises:
        ValueError: for anything else; the registry adds whose parameter it is.

    Example:
        >>> require_number("weight", 10, low=0.0)
        10.0
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not low <= value <= high or (open_low and value == low):
        left = "(" if open_low or low == -math.inf else "["
        right = ")" if high == math.inf else "]"
        raise ValueError(f"{name}: expected a number in {left}{low:g}, {high:g}{right}, got {value!r}.")
    return float(value)


def require_flag(name: str, value: Any) -> bool:
    """Return `value` if it is true or false.

    Raises:
        ValueError: for anything else.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name}: expected true or false, got {value!r}.")
    return value


def require_choice(name: str, value: Any, known: Iterable[str]) -> str:
    """Return `value` if it is one of the `known` names.

    Raises:
        ValueError: for anything else, with a hint.
    """
    known = tuple(known)
    if value not in known:
        raise ValueError(f"{name}: unknown choice {value!r}. {did_you_mean(str(value), known)}")
    return str(value)
