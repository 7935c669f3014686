"""Which values a search tries, in Hydra's grammar of sweeps: `lr=interval(1e-4,1e-2)`, `loss=js,hinge`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from gan_zoo.errors import UserError

Space = dict[str, BaseDistribution]
FORMS = (
    "loss=js,hinge, optimizer.lr=interval(1e-4,1e-2), optimizer.lr=tag(log,interval(1e-4,1e-2)), "
    "model.latent_dim=int(interval(8,64)), batch_size=range(32,129,step=32)"
)


def read_space(words: Iterable[str]) -> tuple[list[str], Space]:
    """Return overrides that hold for every trial, and the values that are searched over by key.

    Args:
        words: overrides in Hydra's grammar.

    Raises:
        UserError: for a sweep that cannot be read, or holds no value.

    Example:
        >>> read_space(["model=mlp", "optimizer.lr=tag(log,interval(1e-4,1e-2))"])
        (['model=mlp'], {'optimizer.lr': FloatDistribution(high=0.01, log=True, low=0.0001, step=None)})
    """
    fixed: list[str] = []
    space: Space = {}
    parser = OverridesParser.create()
    for word in words:
        try:
            override = parser.parse_override(word)
        except HydraException as error:
            raise UserError(
                f"Cannot read '{word}'. To search over values type for example {FORMS}"
            ) from error
        if override.is_sweep_override():
            space[word.partition("=")[0].strip()] = _distribution(override, word)
        else:
            fixed.append(word)
    return fixed, space


def _distribution(override: Override, word: str) -> BaseDistribution:
    value = override.value()
    try:
        if isinstance(value, IntervalSweep):
            return _interval(value)
        if isinstance(value, RangeSweep):
            return _range(value)
        choices = list(override.sweep_string_iterator())
    except (HydraException, ValueError, TypeError) as error:
        raise UserError(f"Cannot search over '{word}': {error}. Type for example {FORMS}") from error
    if len(set(choices)) < max(len(choices), 2):
        raise UserError(f"'{word}' must hold two different choices or more, each once.")
    return CategoricalDistribution(choices)


def _interval(value: IntervalSweep) -> BaseDistribution:
    if value.start is None or value.end is None or not value.start < value.end:
        raise ValueError(f"an interval needs a smaller and a larger end, but has {value.start}, {value.end}")
    log = "log" in value.tags
    if isinstance(value.start, int) and isinstance(value.end, int):
        return IntDistribution(value.start, value.end, log=log)
    return FloatDistribution(value.start, value.end, log=log)


def _range(value: RangeSweep) -> BaseDistribution:
    """Return evenly spaced numbers; as in Hydra, the end is not among them."""
    start, stop, step = value.start, value.stop, value.step
    if start is None or stop is None or not (step > 0 and start < stop):
        raise ValueError(f"a range needs to rise, but goes from {start} to {stop} by {step}")
    count = math.ceil((stop - start) / step - 1e-9)
    last = start + (count - 1) * step
    if all(isinstance(each, int) for each in (start, stop, step)):
        return IntDistribution(int(start), int(last), step=int(step))
    return FloatDistribution(start, last, step=step)


def typed(values: dict[str, Any]) -> list[str]:
    """Return a trial's values as overrides.

    Example:
        >>> typed({"loss": "hinge", "optimizer.lr": 1e-4, "batch_size": 64})
        ['loss=hinge', 'optimizer.lr=0.0001', 'batch_size=64']
    """
    return [f"{key}={value if isinstance(value, str) else repr(value)}" for key, value in values.items()]


def examples(space: Space) -> list[dict[str, Any]]:
    """Return values to check a space by: one of every key, and each choice once."""
    first = {key: _values(each)[0] for key, each in space.items()}
    others = [{**first, key: value} for key, each in space.items() for value in _values(each)[1:]]
    return [first, *others]


def _values(distribution: BaseDistribution) -> Sequence[Any]:
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices
    if isinstance(distribution, (FloatDistribution, IntDistribution)):
        return (distribution.low,)
    raise TypeError(f"{distribution!r} is none of ours.")
