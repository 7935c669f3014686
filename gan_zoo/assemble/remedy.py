"""Applies a remedy to a run that has begun: changes its resolved configuration, never its networks."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Sequence
from typing import Any

from gan_zoo.assemble.initialize import mismatch
from gan_zoo.assemble.prepare import build_run
from gan_zoo.data.loader import Loader
from gan_zoo.diagnosis import Remedy
from gan_zoo.errors import UserError
from gan_zoo.module import GANModule

LISTS = ("regularizer", "stabilizer")


def first_that_fits(
    module: GANModule, remedies: Sequence[Remedy], tried: Collection[str]
) -> tuple[Remedy, GANModule, Loader] | None:
    """Build the run anew with the first remedy that it can go on with.

    Args:
        module: the run as it is.
        remedies: most promising first.
        tried: overrides that were applied before.

    Returns:
        The remedy, and what trains and feeds the run from now on, with fresh weights; None if no remedy fits:
        all of them were tried, would change the networks, or are refused beside the other parts.
    """
    for remedy in remedies:
        if not remedy.in_place or remedy.override in tried:
            continue
        try:
            plain = overridden(module.config, remedy.override)
            changed, loader, _ = build_run(plain, module.dataset, module.command)
        except UserError:
            continue
        if all(
            mismatch(network, module.game.networks[name].state_dict()) is None
            for name, network in changed.game.networks.items()
        ):
            return remedy, changed, loader
    return None


def overridden(plain: dict[str, Any], override: str) -> dict[str, Any]:
    """Return a resolved configuration with overrides such as `regularizer=[r1] regularizer.r1.weight=1`.

    Raises:
        UserError: if a part is already there, or an override is not of the forms `list=[part]`, `key=number`.
    """
    changed = copy.deepcopy(plain)
    for each in override.split(" "):
        key, _, value = each.partition("=")
        if key in LISTS:
            name = value.strip("[]")
            if name in changed[key]:
                raise UserError(f"{each}: this run has {name} already.")
            changed[key][name] = {"name": name}
            continue
        *path, last = key.split(".")
        place = changed
        for step in path:
            place = place.setdefault(step, {})
        try:
            place[last] = json.loads(value)
        except json.JSONDecodeError as error:
            raise UserError(f"{each}: a run that has begun takes numbers only.") from error
    return changed
