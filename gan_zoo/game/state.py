"""What a checkpoint keeps of a game: all that the rest of the run depends on, and nothing of one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_zoo.game.optimizers import align_moments
from gan_zoo.types import GENERATOR

if TYPE_CHECKING:
    from gan_zoo.game.game import Game


def state_of(game: Game) -> dict[str, Any]:
    """Return everything that the rest of the run depends on: tensors, numbers and plain containers."""
    return {
        "images": game.images,
        "critic_step": game.critic_step,
        "phase": list(game.phase) if game.phase is not None else None,
        "steps": dict(game.steps),
        "condition": game.condition(),
        "networks": {name: network.state_dict() for name, network in game.networks.items()},
        "optimizers": {name: player.optimizer.state_dict() for name, player in game.players.items()},
        "stabilizers": {name: s.state_dict() for name, s in game.stabilizers.items()},
        "skips": game.skips.state_dict(),
        "window": game.window.state_dict(),
    }


def take_over(game: Game, state: Mapping[str, Any]) -> None:
    """Give a game that has started the state that `state_of` returned."""
    game.images, game.critic_step = state["images"], state["critic_step"]
    game.stage, game.kimg = game.stage_at(game.images), game.images / 1000.0
    game.phase = tuple(state["phase"]) if state["phase"] is not None else None  # type: ignore[assignment]
    for name, player in game.players.items():
        player.steps = state["steps"][name]
        player.network.load_state_dict(state["networks"][name])
        player.optimizer.load_state_dict(state["optimizers"][name])
        align_moments(player.optimizer)
    for key, stabilizer in game.stabilizers.items():
        stabilizer.load_state_dict(state["stabilizers"][key])
    game.skips.load_state_dict(state.get("skips", {}))  # older states have neither
    device = game.players[GENERATOR].parameters[0].device
    game.window.load_state_dict(state.get("window", {}), device)
