"""Readers of `key=value` options of scripts: a text in, a checked value out; torch is not imported."""

from __future__ import annotations

from pathlib import Path

from gan_zoo.errors import UserError


def text(key: str, value: str) -> str:
    """Return the text as it is."""
    return value


def path(key: str, value: str) -> Path:
    """Return a path, with `~` as the user's home."""
    return Path(value).expanduser()


def whole(key: str, value: str, least: int = 0) -> int:
    """Return a whole number of at least `least`.

    Raises:
        UserError: for anything else.
    """
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise UserError(f"{key}={value}: give a whole number, at least {least}, such as {key}=8.")
    return number


def count(key: str, value: str) -> int:
    """Return a whole number of at least 1.

    Raises:
        UserError: for anything else.
    """
    return whole(key, value, least=1)
