"""Settings that are left over when a typed list of parts takes the place of a recipe's list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gan_zoo.config.grammar import LISTS
from gan_zoo.config.started import key_of


def without_replaced(composed: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Return a configuration without the settings of parts that a typed list has put aside.

    A recipe chooses a part and sets it: `override /stabilizer: [instance_noise]` and below
    `stabilizer: {instance_noise: {std: 0.5}}`. Hydra lets `stabilizer=[]` replace the choice but not the
    settings, and settings alone would bring the part back. What is chosen brings its `name`, and so stays; so
    do settings that are typed. Where no list is typed nothing is replaced, and settings may be meant for what
    model or loss bring.

    Args:
        composed: plain, as Hydra has put it together.
        words: what was typed, in Hydra's grammar.

    Example:
        >>> recipe = {"stabilizer": {"instance_noise": {"std": 0.5}}}
        >>> without_replaced(recipe, ["stabilizer=[]"])
        {'stabilizer': {}}
        >>> without_replaced(recipe, ["stabilizer=[]", "+stabilizer.instance_noise.std=0.5"]) == recipe
        True
    """
    kept = dict(composed)
    keys = [key_of(word) for word in words]
    for group in LISTS:
        parts = composed.get(group)
        if group not in keys or not isinstance(parts, Mapping):
            continue
        named = {key.split(".")[1] for key in keys if key.startswith(f"{group}.")}
        lists = [word for word in words if key_of(word) in (group, f"remove.{group}")]  # `~x` must find x
        named |= {name for word in lists for name in re.findall(r"[\w-]+", word.partition("=")[2])}
        kept[group] = {name: part for name, part in parts.items() if name in named or _is_chosen(part)}
    return kept


def _is_chosen(part: Any) -> bool:
    return not isinstance(part, Mapping) or "name" in part
