"""What is given to Lightning's `Trainer`, built from `_target_`; only observers and loggers can be named.

A configuration may come from anybody, so a `_target_` is no call of whatever it names, as Hydra's
`instantiate` would make it. It is a name on the list below, found to be wrong before anything is imported.
What is built is a class of Lightning's callbacks or loggers, with plain values as arguments.
"""

import importlib
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning import Callback
from pytorch_lightning.loggers import Logger

from gan_zoo.errors import UserError, did_you_mean

OURS = "gan_zoo.callbacks"
LIGHTNING = (
    "pytorch_lightning.callbacks.Timer",
    "pytorch_lightning.loggers.CometLogger",
    "pytorch_lightning.loggers.CSVLogger",
    "pytorch_lightning.loggers.MLFlowLogger",
    "pytorch_lightning.loggers.TensorBoardLogger",
    "pytorch_lightning.loggers.WandbLogger",
)
TARGET = "_target_"


def build_callbacks(plain: Mapping[str, Any], plugins: Iterable[str] = ()) -> list[Callback]:
    """Build the callbacks of a configuration, in its order.

    Raises:
        UserError: for a target that is not allowed, does not exist or refuses its parameters.
    """
    return [_build(f"callbacks.{name}", part, Callback, plugins) for name, part in plain.items() if part]


def build_loggers(
    plain: Mapping[str, Any], run_dir: str | Path, plugins: Iterable[str] = (), module: Any = None
) -> list[Logger]:
    """Build the loggers of a configuration; they write into the run directory.

    Args:
        module: the run, for loggers that tell what it is.

    Raises:
        UserError: as `build_callbacks`.
    """
    # The run directory already holds config.yaml; that it holds no older metrics.csv was checked.
    warnings.filterwarnings("ignore", ".*Experiment logs directory.*")
    offered = {"save_dir": str(run_dir), "module": module}
    return [
        _build(f"logger.{name}", part, Logger, plugins, **offered) for name, part in plain.items() if part
    ]


def _build(key: str, part: Any, kind: type, plugins: Iterable[str], **offered: Any) -> Any:
    """Build one part; it also gets those of the `offered` arguments that it knows and does not set itself."""
    if not isinstance(part, Mapping) or TARGET not in part:
        raise UserError(f"{key}={part!r} needs `_target_`, what to build. Type ~{key} to leave it out")
    arguments = {name: value for name, value in part.items() if name != TARGET}
    for name in _instructions(arguments):
        raise UserError(
            f"{key} holds `{name}`, which asks to build something else. Arguments are plain values here; the "
            f"only such key is one {key}._target_. Remove it."
        )
    target = _find(key, part[TARGET], kind, tuple(plugins))
    known = inspect.signature(target).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    for name in arguments:
        if name not in known and not takes_any:
            raise UserError(f"Unknown key '{key}.{name}'. {did_you_mean(name, known)}")
    extra = {name: value for name, value in offered.items() if name in known and name not in arguments}
    try:
        return target(**arguments, **extra)
    except (ImportError, ValueError, TypeError) as error:
        raise UserError(f"{key} ({part[TARGET]}): {error}") from error


def _instructions(value: Any) -> Iterator[str]:
    """Yield the keys below a part that Hydra would obey: `_target_`, `_partial_`, `_args_` and their like."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(name, str) and len(name) > 2 and name.startswith("_") and name.endswith("_"):
                yield name
            yield from _instructions(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _instructions(inner)


def _find(key: str, target: Any, kind: type, plugins: tuple[str, ...]) -> Callable[..., Any]:
    """Return what a target names, if that is a callback or logger of an allowed place.

    Raises:
        UserError: for anything else; before it is imported, unless it lies in a place that may be imported.
    """
    places = (OURS, *plugins)
    place, _, name = target.rpartition(".") if isinstance(target, str) else ("", "", "")
    below = any(place == each or place.startswith(f"{each}.") for each in places)
    if not (below or target in LIGHTNING) or not all(word.isidentifier() for word in target.split(".")):
        raise UserError(_refusal(key, target, kind, plugins))
    try:
        found = getattr(importlib.import_module(place), name)
    except (ImportError, AttributeError) as error:
        raise UserError(f"{key}: there is no {target} ({error}).") from error
    defined = str(getattr(found, "__module__", ""))
    home = target in LIGHTNING or any(defined == each or defined.startswith(f"{each}.") for each in places)
    if not (home and inspect.isclass(found) and issubclass(found, kind)):
        raise UserError(_refusal(key, target, kind, plugins))
    return found  # type: ignore[no-any-return]


def _refusal(key: str, target: Any, kind: type, plugins: tuple[str, ...]) -> str:
    group = f"pytorch_lightning.{kind.__name__.lower()}s."
    allowed = [f"{OURS}.*", *(name for name in LIGHTNING if name.startswith(group))]
    allowed += [f"{name}.*" for name in plugins]
    return (
        f"{key}: _target_={target} may not be built. Allowed are classes that extend Lightning's "
        f"{kind.__name__}: {', '.join(allowed)}, and those of modules that plugins=[...] names."
    )
