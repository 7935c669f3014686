"""What is given to Lightning's `Trainer`, built by Hydra from `_target_`; targets must be on an allow-list.

Hydra's `instantiate` calls whatever a configuration names, and is no security boundary. So only Lightning's
loggers, our callbacks and the packages that the command line trusts by `plugins=` may be named.
"""

import importlib
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hydra.utils import instantiate
from pytorch_lightning import Callback
from pytorch_lightning.loggers import Logger

from gan_zoo.errors import UserError, did_you_mean

ALLOWED = ("pytorch_lightning.loggers.", "gan_zoo.callbacks.")


def build_callbacks(plain: Mapping[str, Any], plugins: Iterable[str] = ()) -> list[Callback]:
    """Build the callbacks of a configuration, in its order.

    Raises:
        UserError: for a target that is not allowed, does not exist or refuses its parameters.
    """
    return [_build(f"callbacks.{name}", part, plugins) for name, part in plain.items() if part]


def build_loggers(plain: Mapping[str, Any], run_dir: str | Path, plugins: Iterable[str] = ()) -> list[Logger]:
    """Build the loggers of a configuration; they write into the run directory.

    Raises:
        UserError: as `build_callbacks`.
    """
    # The run directory already holds config.yaml; that it holds no older metrics.csv was checked.
    warnings.filterwarnings("ignore", ".*Experiment logs directory.*")
    save_dir = str(run_dir)
    return [
        _build(f"logger.{name}", part, plugins, save_dir=save_dir) for name, part in plain.items() if part
    ]


def _build(key: str, part: Any, plugins: Iterable[str], **offered: Any) -> Any:
    """Build one part; it also gets those of the `offered` arguments that it knows and does not set itself."""
    if not isinstance(part, Mapping) or "_target_" not in part:
        raise UserError(f"{key}={part!r} needs `_target_`, what to build. Type ~{key} to leave it out")
    allowed = (*ALLOWED, *(f"{name.split('.')[0]}." for name in plugins))
    target, *_ = [_find(key, name, allowed) for name in _targets(part)]
    known = inspect.signature(target).parameters
    for name in part:
        takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
        if not name.startswith("_") and name not in known and not takes_any:
            raise UserError(f"Unknown key '{key}.{name}'. {did_you_mean(name, known)}")
    extra = {name: value for name, value in offered.items() if name in known and name not in part}
    try:
        return instantiate({**part, **extra}, _convert_="all")
    except Exception as error:
        cause = error.__cause__ or error
        if isinstance(cause, (ImportError, ValueError, TypeError)):
            raise UserError(f"{key} ({part['_target_']}): {cause}") from error
        raise


def _targets(part: Any) -> Iterator[Any]:
    """Return every `_target_` of a part, its own first."""
    if isinstance(part, Mapping):
        if "_target_" in part:
            yield part["_target_"]
        for key, value in part.items():
            if key != "_target_":
                yield from _targets(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _targets(value)


def _find(key: str, target: Any, allowed: tuple[str, ...]) -> Callable[..., Any]:
    """Return the class or function, if an allowed package defines it rather than only imports it."""
    if isinstance(target, str) and target.startswith(allowed):
        module, _, name = target.rpartition(".")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise UserError(f"{key}: there is no {target} ({error}).") from error
        if callable(found) and f"{getattr(found, '__module__', '')}.".startswith(allowed):
            return found
    raise UserError(
        f"{key}: _target_={target} may not be built. Allowed are the classes of {', '.join(allowed)} "
        "and those of the modules in plugins=[...]."
    )
