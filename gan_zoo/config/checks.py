"""Checks of values: each returns its value, or refuses it saying what is allowed and what to type."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gan_zoo.errors import UserError, did_you_mean


def refuse(key: str, value: Any, allowed: str, example: Any) -> UserError:
    """Return the error for a value that is not allowed."""
    return UserError(f"{key}={value!r} is not allowed: expected {allowed}. Type for example {key}={example}")


def number(key: str, value: Any, above: float, example: Any, auto: bool = False) -> Any:
    """Return a finite number greater than `above`, as a float, or `auto` where that is allowed.

    Raises:
        UserError: for anything else.
    """
    if auto and value == "auto":
        return value
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not numeric or not math.isfinite(value) or value <= above:
        allowed = f"a finite number greater than {above:g}" + (", or auto" if auto else "")
        raise refuse(key, value, allowed, example)
    return float(value)


def whole(
    key: str,
    value: Any,
    least: int,
    example: Any,
    auto: bool = False,
    none: bool = False,
    most: int | None = None,
) -> Any:
    """Return a whole number in [least, most], or `auto` or None where these are allowed.

    Raises:
        UserError: for anything else.
    """
    if (auto and value == "auto") or (none and value is None):
        return value
    integer = isinstance(value, int) and not isinstance(value, bool)
    if not integer or value < least or (most is not None and value > most):
        span = f"from {least} to {most}" if most is not None else f"of at least {least}"
        others = (", or auto" if auto else "") + (", or null" if none else "")
        raise refuse(key, value, f"a whole number {span}{others}", example)
    return value


def flag(key: str, value: Any) -> bool:
    """Return true or false.

    Raises:
        UserError: for anything else.
    """
    if not isinstance(value, bool):
        raise refuse(key, value, "true or false", "true")
    return value


def text(key: str, value: Any, example: str, none: bool = False) -> Any:
    """Return a text that is not empty, or None where that is allowed.

    Raises:
        UserError: for anything else.
    """
    if none and value is None:
        return value
    if not isinstance(value, str) or not value.strip():
        raise refuse(key, value, "a text" + (", or null" if none else ""), example)
    return value


def choice(key: str, value: Any, known: Iterable[str]) -> Any:
    """Return one of `known`.

    Raises:
        UserError: for anything else.
    """
    options = list(known)
    if value not in options:
        raise UserError(f"{key}={value!r} is not allowed. {did_you_mean(str(value), options)}")
    return value


def names(key: str, value: Any, example: str) -> tuple[str, ...]:
    """Return names as a tuple; one name may stand alone, and null is none.

    Raises:
        UserError: if it is not a list of texts.
    """
    if value is None:
        return ()
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)) or not all(isinstance(name, str) and name for name in listed):
        raise refuse(key, value, "a list of names", f"[{example}]")
    return tuple(listed)


def mapping(key: str, value: Any) -> dict[str, Any]:
    """Return a mapping with text keys as a dictionary; null is empty.

    Raises:
        UserError: for anything else.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise refuse(key, value, "a mapping of names to values", "{name: value}")
    return dict(value)


def component(key: str, value: Any, example: str) -> dict[str, Any]:
    """Return a mapping that names a part: `name` and the part's parameters.

    Raises:
        UserError: for anything else.
    """
    if isinstance(value, str) or value is None:
        raise UserError(
            f"{key}={value!r} names no part with its parameters. Type for example {key}={example}"
        )
    part = mapping(key, value)
    text(f"{key}.name", part.get("name"), example)
    return part


def components(key: str, value: Any, example: str) -> dict[str, dict[str, Any]]:
    """Return parts by name; the entry `name` is filled in from the key where it is missing.

    Raises:
        UserError: for anything else.
    """
    parts = {}
    for name, given in mapping(key, value).items():
        parts[name] = component(f"{key}.{name}", {"name": name, **mapping(f"{key}.{name}", given)}, example)
    return parts
