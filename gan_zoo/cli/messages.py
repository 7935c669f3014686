"""Hydra's and OmegaConf's errors in words that say what to type."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from gan_zoo.cli.catalog import groups
from gan_zoo.config.grammar import LISTS
from gan_zoo.errors import UserError, did_you_mean

UNKNOWN_KEY = (ConfigAttributeError, ConfigKeyError)
MISTAKES = (UserError, HydraException, OmegaConfBaseException)


def describe(error: BaseException) -> str:
    """Return one readable message for a mistake on the command line."""
    if isinstance(error, UserError):
        return str(error)
    for cause in _chain(error):
        if isinstance(cause, MissingConfigException) and "/" in (cause.missing_cfg_file or ""):
            return _missing_choice(str(cause.missing_cfg_file), cause.options)
        if isinstance(cause, OverrideParseException):
            return _unreadable(cause)
        parent = getattr(cause, "parent_node", None)
        if isinstance(cause, UNKNOWN_KEY) and cause.full_key and isinstance(parent, DictConfig):
            return _unknown_key(str(cause.full_key), parent)
        if isinstance(cause, OmegaConfBaseException) and cause.full_key:
            return f"The value of {cause.full_key} cannot be read: {str(cause).splitlines()[0]}"
    return "\n  ".join(line for line in str(error).splitlines() if line.strip())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _missing_choice(file: str, options: Any) -> str:
    group, _, name = file.rpartition("/")
    known = groups().get(group, []) if options is None else map(str, options)
    return f"{group}={name}: there is no such {group}. {did_you_mean(name, known)}"


def _unreadable(error: OverrideParseException) -> str:
    return (
        f"Cannot read the option '{error.override}'. Options look like key=value, group=choice or key=[a,b]; "
        "in most shells quotes are needed around special characters: 'key=[a, b]'."
    )


def _unknown_key(key: str, parent: DictConfig) -> str:
    section = key.rpartition(".")[0]
    siblings = [f"{section}.{name}" if section else str(name) for name in map(str, parent)]
    root = parent._get_root()
    everywhere = [*siblings, *_keys(root), *groups()]
    if key in groups():
        choices = groups()[key]
        example = f"[{choices[0]}]" if key in LISTS else choices[0]
        return (
            f"Nothing is chosen in the group '{key}', so it has no settings. Choose first: {key}={example}."
            + (f" What a model brings along is in model.{key}." if key in LISTS else "")
        )
    if siblings and all(isinstance(name, int) for name in parent):
        numbers = ", ".join(map(str, parent))
        return f"Unknown key '{key}'. {section} knows: {numbers}. To add it type ++{section}={{...}}."
    close = _closest(key, everywhere)
    hint = f"Did you mean '{close}'? " if close else ""
    known = ", ".join(sorted({name for name in siblings if name != "hydra"}))
    place = f"{section} knows: " if section else "Known: "
    return f"Unknown key '{key}'. {hint}{place}{known or 'nothing'}."


def _keys(root: Any, prefix: str = "") -> Iterator[str]:
    names: Iterable[Any] = root if isinstance(root, DictConfig) else ()
    for name in names:  # some are numbers
        if prefix or name != "hydra":
            yield f"{prefix}{name}"
            if not OmegaConf.is_missing(root, name) and not OmegaConf.is_interpolation(root, name):
                yield from _keys(root[name], f"{prefix}{name}.")


def _closest(key: str, known: list[str]) -> str | None:
    """Return the key most like `key`, by its whole name or its last part, if any is like it."""

    def likeness(other: str) -> float:
        last = difflib.SequenceMatcher(None, key.rpartition(".")[2], other.rpartition(".")[2]).ratio()
        whole = difflib.SequenceMatcher(None, key, other).ratio()
        return max(last, whole) + 0.1 * whole

    best = max(known, key=likeness, default=None)
    return best if best is not None and likeness(best) >= 0.7 else None
