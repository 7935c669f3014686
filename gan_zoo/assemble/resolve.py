"""From what was asked for to what will be built: merges parts, fills in `auto`, and names each source.

Precedence: command line > experiment > model > loss > defaults. What is asked for explicitly is never
changed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.losses.base import LOSSES, AdversarialLoss
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.types import DataSpec

AUTO = "auto"
LEARNING_RATES = {"adam": 2e-4, "rmsprop": 5e-5, "sgd": 1e-2}
DEFAULTS: dict[str, Any] = {
    "kimg": 60.0,
    "batch_size": 64,
    "turns.critic_steps": 1,
    "optimizer.betas": [0.5, 0.999],
}
Parts = dict[str, dict[str, Any]]


@dataclass
class Resolved:
    """A configuration without `auto`.

    Attributes:
        config: plain data, as it travels in checkpoints.
        sources: where each part and filled-in value comes from, by config key.
    """

    config: dict[str, Any]
    sources: dict[str, str] = field(default_factory=dict)


def resolve(asked: Mapping[str, Any], spec: DataSpec) -> Resolved:
    """Resolve a plain configuration for data of the given shape.

    Raises:
        UserError: for unknown names, or a removal that removes nothing.
    """
    resolved = Resolved(copy.deepcopy(dict(asked)))
    config = resolved.config
    loss = LOSSES.build(**config["loss"])
    unmet: list[tuple[str, str]] = []  # removals of what may only be added below
    for kind, own in (("regularizer", loss.regularizers()), ("stabilizer", loss.stabilizers())):
        unmet += _merge(kind, own, config, resolved.sources)
    _fill_normalization(resolved, unmet)
    for kind, name in unmet:
        hint = did_you_mean(name, config[kind])
        raise UserError(f"{kind}=[~{name}] removes nothing: this run has no such part. {hint}")
    _fill_recipes(resolved)
    _fill_numbers(resolved, loss)
    if config["trainer"]["channels_last"] == AUTO:
        config["trainer"]["channels_last"] = spec.is_image
    return resolved


def _merge(
    kind: str, of_loss: Parts, config: dict[str, Any], sources: dict[str, str]
) -> list[tuple[str, str]]:
    """Merge parts by name; those asked for add to those of model and loss, and `~name` removes one.

    Returns:
        The removals that found nothing.
    """
    merged: Parts = {}
    model, loss_name = config["model"], config["loss"]["name"]
    origins = [(of_loss, f"loss {loss_name}"), (model[kind], f"model {model['name']}")]
    for parts, source in [*origins, (config[kind], "asked for")]:
        for name, parameters in parts.items():
            merged[name] = {**merged.get(name, {}), "name": name, **parameters}
            sources[f"{kind}.{name}"] = source
    unmet = [(kind, name) for name in config["remove"][kind] if name not in merged]
    for name in config["remove"][kind]:
        merged.pop(name, None)
        sources.pop(f"{kind}.{name}", None)
    config[kind], model[kind], config["remove"][kind] = merged, {}, []
    return unmet


def _fill_normalization(resolved: Resolved, unmet: list[tuple[str, str]]) -> None:
    """Resolve D's `auto` normalization from the architecture, the penalties and the stabilizers."""
    config = resolved.config
    network = config["model"]["discriminator"]
    if network.get("normalization", AUTO) != AUTO:
        return
    wish = DISCRIMINATORS[network["name"]].auto_normalization
    parts = config["regularizer"].items()
    penalties = [name for name, asked in parts if REGULARIZERS[asked["name"]].input_gradient]
    scaled = [name for name in ("weight_clipping", "equalized_lr") if name in config["stabilizer"]]
    norm = config["stabilizer"].get("spectral_norm")
    value = "none"
    if norm is not None and "discriminator" in norm.get("players", ["discriminator"]):
        reason = "spectral norm is active"
    elif wish == "none":
        reason = f"discriminator {network['name']} has none"
    elif penalties:
        value, reason = "group", f"{penalties[0]} needs samples apart"
    elif wish != "spectral":
        value, reason = wish, "no penalty and no spectral norm forbids it"
    elif scaled:
        reason = f"{scaled[0]} takes the place of spectral norm"
    elif ("stabilizer", "spectral_norm") in unmet:
        unmet.remove(("stabilizer", "spectral_norm"))
        reason = "asked for without spectral norm"
    else:
        reason = "spectral norm instead"
        config["stabilizer"]["spectral_norm"] = {"name": "spectral_norm"}
        origin = f"discriminator {network['name']} under {config['loss']['name']}"
        resolved.sources["stabilizer.spectral_norm"] = origin
    network["normalization"] = value
    resolved.sources["model.discriminator.normalization"] = reason


def _fill_recipes(resolved: Resolved) -> None:
    """Resolve what each architecture fixes of its recipe."""
    fallback = {"normalization": "none", "activation": "leaky_relu", "initialization": "default"}
    for role, registry in (("generator", GENERATORS), ("discriminator", DISCRIMINATORS)):
        network = resolved.config["model"][role]
        fixed = {**fallback, **registry[network["name"]].default_recipe}
        for key in fallback:
            if network.get(key, AUTO) == AUTO:
                network[key] = fixed[key]


def _fill_numbers(resolved: Resolved, loss: AdversarialLoss) -> None:
    """Resolve numbers left at `auto` from the model's and the loss's preferences, then from defaults."""
    config, model = resolved.config, resolved.config["model"]
    optimizer = config["optimizer"]["name"]
    wishes = []
    for preferences, source in (
        (model.get("preferences", {}), f"model {model['name']}"),
        (loss.preferences, f"loss {config['loss']['name']}"),
    ):
        flat = dict(_flat(preferences))
        if flat.pop("optimizer.name", "adam") != optimizer:
            flat = {key: value for key, value in flat.items() if not key.startswith("optimizer.")}
        wishes.append((flat, source))
    wishes.append(({**DEFAULTS, "optimizer.lr": LEARNING_RATES.get(optimizer)}, "default"))
    model["preferences"] = {}
    open_keys = [key for key, value in _flat(config) if value == AUTO]
    rate_is_open = "optimizer.lr" in open_keys
    for key in open_keys:
        for flat, source in wishes:
            if key in flat:
                _set(config, key, flat[key])
                resolved.sources[key] = source
                break
    for flat, source in wishes if rate_is_open else []:
        for key, value in flat.items():  # a player's own rate, where neither it nor the common one is given
            if key.count(".") == 2 and key.startswith("optimizer.") and _get(config, key) is None:
                _set(config, key, value)
                resolved.sources[key] = source
    if (
        config["optimizer"].get("end_kimg") is None
    ):  # absolute, so that a longer budget later changes no past rate
        config["optimizer"]["end_kimg"] = config["kimg"]


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


def _set(tree: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for step in path:
        tree = tree.setdefault(step, {})
    tree[last] = value


def _get(tree: Mapping[str, Any], key: str) -> Any:
    for step in key.split("."):
        tree = tree.get(step, {})  # type: ignore[assignment]
    return tree
