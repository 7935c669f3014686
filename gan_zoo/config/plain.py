"""Dataclasses to plain containers and back: what travels in checkpoints and in config.yaml."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from gan_zoo.errors import UserError, did_you_mean

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return dictionaries, lists, numbers, texts, booleans and None only.

    Raises:
        TypeError: for a value that is none of these.

    Example:
        >>> to_plain({"betas": (0.0, 0.99)})
        {'betas': [0.0, 0.99]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{value!r} of type {type(value).__name__} is not plain data.")


def from_plain(kind: type[T], plain: Any, where: str = "") -> T:
    """Build a dataclass from a mapping of its fields; the dataclass itself checks the values.

    Args:
        kind: the dataclass.
        where: key under which the mapping stands in the whole configuration, for messages.

    Raises:
        UserError: for a key that is not a field, or a field that is missing.
    """
    if isinstance(plain, kind):
        return plain
    if not isinstance(plain, Mapping):
        raise UserError(f"{where or 'The configuration'} is {plain!r}; expected a mapping of keys to values.")
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    prefix = f"{where}." if where else ""
    for key in plain:
        if key not in known:
            raise UserError(f"Unknown key '{prefix}{key}'. {did_you_mean(str(key), known)}")
    try:
        return kind(**plain)
    except TypeError as error:
        missing = [name for name in known if name not in plain]
        raise UserError(f"{where or 'The configuration'} lacks a key among: {', '.join(missing)}.") from error
