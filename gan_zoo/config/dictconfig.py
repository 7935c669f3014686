"""Where DictConfig ends: below this file there are dataclasses and plain containers only."""

from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from gan_zoo.config import budget  # noqa: F401  (configuration files may use its resolver)
from gan_zoo.errors import UserError

# Groups that are built for Lightning's `Trainer` from `_target_`, what only a benchmark reads, and Hydra's
# own: no part of `RunConfig`.
OUTSIDE = ("logger", "callbacks", "benchmark", "resume", "hydra")


def as_plain(composed: DictConfig) -> dict[str, Any]:
    """Return the configuration with every interpolation resolved, as plain containers.

    Raises:
        UserError: for a value that must be given and is not, or an interpolation that leads nowhere.
    """
    try:
        plain = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        raise UserError(
            f"{error.full_key} has no default and must be given. Type {error.full_key}=..."
        ) from error
    except OmegaConfBaseException as error:
        raise UserError(
            f"The value of {error.full_key} cannot be read: {str(error).splitlines()[0]}"
        ) from error
    if not isinstance(plain, dict):
        raise UserError(f"The configuration is {plain!r}; expected a mapping of keys to values.")
    return {str(key): value for key, value in plain.items()}


def outside_group(composed: DictConfig, group: str) -> dict[str, Any]:
    """Return one of the groups outside `RunConfig` (`logger`, `callbacks`) as plain containers.

    Raises:
        UserError: as `as_plain`.
    """
    chosen = composed.get(group)
    return as_plain(chosen) if isinstance(chosen, DictConfig) else {}
