"""Numbers that are not finite, put into steps of a game, and steps that are left out instead."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from chaos_faults.plan import Poison
from gan_zoo.game.game import Game
from gan_zoo.types import DISCRIMINATOR


def install(poison: Poison | None) -> None:
    """Let all games of this process be poisoned."""
    if poison is not None:
        attribute, poisoned = PLACES[poison.where]
        original = getattr(Game, attribute)

        @functools.wraps(original)
        def wrapped(game: Game, *arguments: Any) -> Any:
            return poisoned(poison, game, functools.partial(original, game), *arguments)

        setattr(Game, attribute, wrapped)


def _hits(poison: Poison, player: Any) -> bool:
    return bool(player.name == poison.player and poison.first <= player.steps <= poison.last)


def _batch(poison: Poison, game: Game, play: Callable[..., Any], batch: Any) -> Any:
    """Put the value into one number of the reals."""
    if not _hits(poison, game.players[DISCRIMINATOR]):
        return play(batch)
    samples = batch["samples"].clone()
    samples[-1].view(-1)[-1] = float(poison.value)
    return play({**batch, "samples": samples})


def _loss(poison: Poison, game: Game, gradients: Callable[..., Any], player: Any, *others: Any) -> Any:
    """Multiply the adversarial term by the value."""
    if not _hits(poison, player):
        return gradients(player, *others)
    first, *remaining = player.terms
    poisoned = replace(first, compute=lambda context: first.compute(context) * float(poison.value))
    player.terms = [poisoned, *remaining]
    try:
        return gradients(player, *others)
    finally:
        player.terms = [first, *remaining]


def _gradient(poison: Poison, game: Game, judge: Callable[..., Any], names: Any, *others: Any) -> Any:
    """Put the value into one number of a gradient."""
    for name in names:
        if _hits(poison, game.players[name]):
            gradient = next(p.grad for p in game.players[name].parameters if p.grad is not None)
            gradient[(0,) * gradient.dim()] = float(poison.value)
    return judge(names, *others)


def _nowhere(poison: Poison, game: Game, turn: Callable[..., Any], names: Any, *others: Any) -> Any:
    """Leave the turn out: let it count, and put all numbers back."""
    if not any(_hits(poison, game.players[name]) for name in names):
        return turn(names, *others)
    before = {place: tensor.clone() for place, tensor in _tensors(game)}
    turn(names, *others)
    with torch.no_grad():
        for place, tensor in _tensors(game):
            tensor.copy_(before.get(place, torch.zeros_like(tensor)))  # a moment that is new begins at zero
    return None


def _tensors(game: Game) -> Iterator[tuple[tuple[Any, ...], Tensor]]:
    """Yield all weights, buffers, averages and moments, each with its place."""
    networks = [*game.networks.items(), ("average", game.averaged_generator())]
    for name, network in networks:
        yield from (((name, key), tensor) for key, tensor in network.state_dict().items())
    for name, player in game.players.items():
        for index, parameter in enumerate(player.parameters):
            state = player.optimizer.state.get(parameter, {})
            yield from (((name, index, key), tensor) for key, tensor in state.items())


PLACES: dict[str, tuple[str, Callable[..., Any]]] = {
    "batch": ("play", _batch),
    "loss": ("_gradients", _loss),
    "gradient": ("_judge", _gradient),
    "nowhere": ("_turn", _nowhere),
}
