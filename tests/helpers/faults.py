"""Numbers that are not finite, put into a game at a step of a player; and games that leave this step out."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game
from torch import Tensor, nn

from gan_zoo.game.deal import Batch
from gan_zoo.game.game import Game
from gan_zoo.stabilizers.base import STABILIZERS
from gan_zoo.types import PlayerName

Steps = Callable[[int], bool]
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "adam": {"name": "adam", "lr": 0.01, "betas": [0.5, 0.9], "weight_decay": 0.01},
    "sgd": {"name": "sgd", "lr": 0.1, "weight_decay": 0.01},
    "sgd with momentum": {"name": "sgd", "lr": 0.1, "momentum": 0.9},
    "rmsprop": {"name": "rmsprop", "lr": 0.01, "weight_decay": 0.01},
    "rmsprop with momentum": {"name": "rmsprop", "lr": 0.01, "momentum": 0.5},
}


def small_game(optimizer: str = "adam", **arguments: Any) -> Game:
    """Build a game of small networks with a penalty and an average, the same each time."""
    torch.manual_seed(0)
    average = {"ema": STABILIZERS.build("ema", half_life_kimg=0.02)}
    arguments = {"optimizer": OPTIMIZERS[optimizer], "stabilizers": average, **arguments}
    return make_game(SmallGenerator(), SmallDiscriminator(), "js", regularizers={"r1": {}}, **arguments)


def poison_term(game: Game, player: PlayerName, at: Steps, value: float = math.inf, term: int = -1) -> str:
    """Add `value` to a term of `player` in the steps that `at` names; its gradient stays finite.

    Returns:
        The name of the term.
    """
    mover = game.players[player]
    terms = list(mover.terms)
    compute = terms[term].compute

    def poisoned(context: Any) -> Tensor:
        _, step, *_ = context.setting.position
        turn = context.setting.player == player
        return compute(context) + (value if turn and at(step) else 0.0)

    terms[term] = replace(terms[term], compute=poisoned)
    mover.terms = terms
    return terms[term].name


def poison_gradient(game: Game, player: PlayerName, at: Steps, value: float = math.nan) -> None:
    """Write `value` into one number of the gradient of `player`'s last parameter that has one."""

    def poison(mover: Any) -> None:
        if mover.name == player and at(mover.steps):
            gradients = [p.grad for p in mover.parameters if p.grad is not None]
            gradients[-1][(0,) * gradients[-1].dim()] = value

    game.sync = poison


def poisoned_batch(batch: Batch, value: float) -> dict[str, Any]:
    """Return a batch with `value` in one number of one sample."""
    samples = batch["samples"].clone()  # type: ignore[union-attr]
    samples[-1].view(-1)[-1] = value
    return {**batch, "samples": samples}


def around(game: Game, player: PlayerName, step: int, act: Callable[[Callable[[], None]], None]) -> None:
    """Let `act` play the turn in which `player` takes its step number `step`."""
    turn = game._turn

    def played(names: Any, batch: Batch) -> None:
        if player in names and game.players[player].steps == step:
            act(lambda: turn(names, batch))
        else:
            turn(names, batch)

    game._turn = played  # type: ignore[method-assign]


def leave_out(game: Game, player: PlayerName, step: int) -> None:
    """Let one turn of a game have no effect but on its counts."""

    def act(play: Callable[[], None]) -> None:
        modules = [*game.networks.values(), game.averaged_generator()]
        weights = [copy.deepcopy(module.state_dict()) for module in modules]
        moments = [copy.deepcopy(mover.optimizer.state_dict()) for mover in game.players.values()]
        play()
        for module, saved in zip(modules, weights, strict=True):
            module.load_state_dict(saved)
        for mover, saved in zip(game.players.values(), moments, strict=True):
            mover.optimizer.load_state_dict(saved)

    around(game, player, step, act)


def everything(game: Game) -> dict[str, Tensor]:
    """Return copies of all weights, buffers, averages and moments; a moment that is not there yet is zero."""
    modules: dict[str, nn.Module] = {**game.networks, "average": game.averaged_generator()}
    found = {f"{n}.{key}": value.clone() for n, m in modules.items() for key, value in m.state_dict().items()}
    for name, mover in game.players.items():
        for index, parameter in enumerate(mover.parameters):
            for key, value in mover.optimizer.state.get(parameter, {}).items():
                if value.any():
                    found[f"{name}.{index}.{key}"] = value.clone()
    return found


def differing(first: dict[str, Tensor], second: dict[str, Tensor]) -> list[str]:
    """Return the names of what is not equal bit for bit."""
    missing = sorted(first.keys() ^ second.keys())
    return missing + [
        name for name in first.keys() & second.keys() if not torch.equal(first[name], second[name])
    ]
