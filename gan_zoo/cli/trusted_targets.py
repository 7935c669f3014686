"""What Hydra itself may build from `_target_` in a configuration file: its own plugins, and our callback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import hydra.core.plugins
import hydra.utils
from omegaconf import DictConfig, OmegaConf

from gan_zoo.errors import UserError

TRUSTED = ("gan_zoo.cli.", "hydra._internal.core_plugins.", "hydra_plugins.")
_build = hydra.utils.instantiate


def trust_only_ours() -> None:
    """Let Hydra refuse other targets than ours and its plugins'.

    Hydra builds whatever stands below `hydra.callbacks` before it calls us, and below `hydra.launcher` and
    `hydra.sweeper` in a sweep, so a configuration file from somebody else could run anything on this machine.
    Its own list of forbidden targets names a few. Our launchers are plugins of its name space, and nothing
    else is (`gan_zoo.sweep.plugins`).
    """
    hydra.utils.instantiate = _instantiate
    hydra.core.plugins.instantiate = _instantiate


def _instantiate(config: Any, *args: Any, **kwargs: Any) -> Any:
    plain = OmegaConf.to_container(config, resolve=False) if isinstance(config, DictConfig) else config
    for target in _targets(plain):
        if not (isinstance(target, type) or str(target).startswith(TRUSTED)):
            raise UserError(
                f"hydra: _target_={target} may not be built from a configuration. Allowed are "
                f"{', '.join(TRUSTED)}. Callbacks of a run belong below `callbacks`, not `hydra.callbacks`."
            )
    return _build(config, *args, **kwargs)


def _targets(plain: Any) -> Iterator[Any]:
    """Yield every `_target_` in a configuration."""
    if isinstance(plain, Mapping):
        yield from (value for key, value in plain.items() if key == "_target_")
    children = plain.values() if isinstance(plain, Mapping) else plain if isinstance(plain, list) else ()
    for child in children:
        yield from _targets(child)
