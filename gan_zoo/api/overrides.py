"""What a program asks for, as text, list or dictionary, to overrides in Hydra's grammar."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from gan_zoo.config.grammar import LISTS, quoted
from gan_zoo.errors import UserError

Overrides = str | Sequence[str] | Mapping[str, Any]
PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
READ_AS_OTHERS = ("null", "true", "false", "nan", "inf", "none")  # words that Hydra reads as no text


def to_words(overrides: Overrides) -> list[str]:
    """Return overrides one by one, as they would be typed after `python train.py`.

    Raises:
        UserError: for what is neither a text, a list of texts nor a dictionary of plain values.

    Example:
        >>> to_words("model=mlp 'stabilizer=[ema, packing]'")
        ['model=mlp', 'stabilizer=[ema, packing]']
        >>> to_words({"loss": "hinge", "optimizer.lr": 1e-4, "stabilizer": ["packing"]})
        ['loss=hinge', 'optimizer.lr=0.0001', 'stabilizer=[packing]']
    """
    if isinstance(overrides, str):
        try:
            return shlex.split(overrides)
        except ValueError as error:
            raise UserError(f"The overrides {overrides!r} cannot be read: {error}.") from error
    if isinstance(overrides, Mapping):
        return [f"{key}={to_value(str(key), value)}" for key, value in overrides.items()]
    if isinstance(overrides, Sequence) and all(isinstance(word, str) for word in overrides):
        return list(overrides)
    raise UserError(
        f"Overrides are {overrides!r}. Give a text as after `python train.py`, a list of texts, or a "
        f'dictionary, such as {{"model": "mlp", "loss": "hinge"}}.'
    )


def to_value(key: str, value: Any) -> str:
    """Return a value in Hydra's grammar.

    Raises:
        UserError: for a value that is not plain.

    Example:
        >>> to_value("data.path", "my pictures"), to_value("init_from", None), to_value("x", {"a": [1, True]})
        ("'my pictures'", 'null', '{a: [1, true]}')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {to_value(key, each)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_value(key, each) for each in value) + "]"
    if isinstance(value, str) or hasattr(value, "__fspath__"):
        return _text(str(value), key in LISTS)
    raise UserError(
        f"{key}={value!r} is of type {type(value).__name__}. Give a number, a text, true, false, None, or a "
        f"list or dictionary of these."
    )


def _text(text: str, names_parts: bool) -> str:
    """Return a text with the quotes that Hydra needs; in lists of parts `~name` stays what it is."""
    name = text.removeprefix("~") if names_parts else text
    if PLAIN.fullmatch(name) and name.lower() not in READ_AS_OTHERS:
        return text
    return quoted(text)
