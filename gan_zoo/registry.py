"""Registries: names to classes, and mistakes to hints. Nothing here imports torch."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from gan_zoo.errors import UserError, did_you_mean

T = TypeVar("T")


class Registry(Generic[T]):
    """Parts of one kind by name; registry key = file stem = YAML stem.

    Args:
        kind: singular noun used in messages, such as `loss`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, type[T]] = {}

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Add the decorated class under `name`.

        Raises:
            ValueError: if the name is taken by another class.
        """

        def add(part: type[T]) -> type[T]:
            taken = self._parts.get(name)
            if taken is not None and taken.__qualname__ != part.__qualname__:
                raise ValueError(f"{self.kind} '{name}' is already registered by {taken.__module__}.")
            self._parts[name] = part
            return part

        return add

    def __getitem__(self, name: str) -> type[T]:
        if name not in self._parts:
            raise UserError(f"Unknown {self.kind} '{name}'. {did_you_mean(name, self._parts)}")
        return self._parts[name]

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._parts))

    def __len__(self) -> int:
        return len(self._parts)

    def parameters(self, name: str) -> dict[str, inspect.Parameter]:
        """Return the keyword parameters that the named part accepts from a configuration."""
        signature = inspect.signature(self[name])
        return {
            key: parameter
            for key, parameter in signature.parameters.items()
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        }

    def build(self, name: str, *positional: Any, **parameters: Any) -> T:
        """Build the named part.

        Args:
            positional: what the framework hands over (recipe, shape ...), in the family's order.
            parameters: what the configuration says; checked against the signature.

        Raises:
            UserError: for an unknown name or parameter, or a value that the part refuses.
        """
        part = self[name]
        known = list(self.parameters(name))[len(positional) :]
        for key in parameters:
            if key not in known:
                hint = did_you_mean(key, known)
                raise UserError(f"{self.kind} '{name}' has no parameter '{key}'. {hint}")
        try:
            return part(*positional, **parameters)
        except UserError:
            raise
        except ValueError as error:
            raise UserError(f"{self.kind} '{name}': {error}") from error
