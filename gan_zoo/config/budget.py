"""Numbers that follow from others, in configuration files: `${kimg_of:3000}`, `${times:${optimizer.lr},2}`.

A run's length is counted in real images. Methods that are compared get the same number of generator steps,
whatever number of reals a step costs them: critic steps, samples per pack.
"""

import math
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_zoo.errors import UserError


def kimg_of(generator_steps: float, share: float = 1.0, *, _root_: DictConfig) -> float:
    """Return the thousands of real images that D sees while G takes so many steps.

    Args:
        generator_steps: how many; rounded, at least 1.
        share: of them, such as 0.5 for the first half of a run.

    Raises:
        UserError: if the batch or the critic steps are no number.
    """
    packed = "packing" not in (OmegaConf.select(_root_, "remove.stabilizer") or ())
    packs = OmegaConf.select(_root_, "stabilizer.packing.packs") if packed else None
    images = _whole("batch_size", OmegaConf.select(_root_, "batch_size"))
    images *= _whole("turns.critic_steps", OmegaConf.select(_root_, "turns.critic_steps")) * (packs or 1)
    rounds = math.ceil(max(1, round(generator_steps * share)) / _root_.turns.generator_steps)
    return rounds * images / 1000.0


def _whole(key: str, value: Any) -> int:
    if not isinstance(value, int):
        raise UserError(f"{key}={value}: a budget in generator steps needs a whole number. Type {key}=1")
    return value


def times(value: float, factor: float) -> float:
    """Return the product, such as a rate of D that is twice the common one.

    Raises:
        UserError: if one of them is no number.
    """
    for given in (value, factor):
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise UserError(
                f"'{given}' cannot be multiplied; a number is needed here, such as optimizer.lr=1e-3"
            )
    return value * factor


OmegaConf.register_new_resolver("kimg_of", kimg_of, replace=True)
OmegaConf.register_new_resolver("times", times, replace=True)
