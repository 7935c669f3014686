"""The resolved composition as people read it at the start: one line per part, with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from gan_zoo.assemble.resolve import Resolved
from gan_zoo.game.game import Game


def composition_lines(resolved: Resolved, game: Game) -> list[str]:
    """Return the lines; a value that was filled in names its source in parentheses."""
    config, sources = resolved.config, resolved.sources
    rows = [("model", f"{config['model']['name']} on {game.spec.name} {list(game.spec.shape)}")]
    for role, network in game.networks.items():
        asked = config["model"][role]
        normalization = f"{asked['normalization']} normalization"
        reason = sources.get(f"model.{role}.normalization")
        rows.append(
            (role, f"{asked['name']}, {_millions(network)} parameters, {normalization}{_from(reason)}")
        )
    rows.append(("loss", _part(config["loss"])))
    for kind in ("regularizer", "stabilizer"):
        for name, parameters in config[kind].items():
            rows.append((kind, _part(parameters, name) + _from(sources.get(f"{kind}.{name}"))))
    rows += _numbers(config, sources)
    width = max(len(name) for name, _ in rows) + 2
    return [f"{name:<{width}}{text}" for name, text in rows]


def _numbers(config: Mapping[str, Any], sources: Mapping[str, str]) -> list[tuple[str, str]]:
    optimizer = config["optimizer"]
    rates = "lr {}{}".format(optimizer["lr"], _from(sources.get("optimizer.lr")))
    if optimizer.get("betas") is not None:
        rates += ", betas {}{}".format(optimizer["betas"], _from(sources.get("optimizer.betas")))
    rows = [("optimizer", f"{optimizer['name']}, {rates}, {optimizer['schedule']} schedule")]
    steps = config["turns"]["critic_steps"]
    rows.append(("critic_steps", f"{steps}{_from(sources.get('turns.critic_steps'))}"))
    rows.append(("batch_size", f"{config['batch_size']}{_from(sources.get('batch_size'))}"))
    rows.append(("kimg", f"{config['kimg']:g}{_from(sources.get('kimg'))}, seed {config['seed']}"))
    return rows


def _part(parameters: Mapping[str, Any], name: str | None = None) -> str:
    own = {key: value for key, value in parameters.items() if key != "name"}
    listed = ", ".join(f"{key}={value}" for key, value in own.items() if not _is_empty(value))
    return f"{name or parameters['name']}{' (' + listed + ')' if listed else ''}"


def _is_empty(value: Any) -> bool:
    return value is None or value == {} or value == []


def _from(source: str | None) -> str:
    return f" <- {source}" if source else ""


def _millions(network: nn.Module) -> str:
    return f"{sum(p.numel() for p in network.parameters()) / 1e6:.3f} M"
