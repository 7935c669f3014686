"""A player: the network it owns, what it minimizes, and how it steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from gan_zoo.game.clipping import UNBOUNDED, Clipping
from gan_zoo.game.context import Context
from gan_zoo.game.optimizers import build_optimizer
from gan_zoo.game.skippable_steps import take_step
from gan_zoo.game.terms import Term
from gan_zoo.types import PlayerName


class Strategy(Protocol):
    """How a player's gradient is formed."""

    def loss(self, player: Player, context: Context) -> tuple[Tensor, dict[str, Tensor]]:
        """Return what `player` minimizes in this turn, and its terms for the log."""
        ...

    def differentiates(self, player: Player) -> frozenset[str]:
        """Return the samples that must require grad."""
        ...


@dataclass
class Player:
    """One side of the game.

    Attributes:
        name: `generator` or `discriminator`.
        network: all its parameters; no other player owns any of them.
        terms: what it minimizes.
        strategy: how its gradient is formed.
        optimizer_config: plain data for `build_optimizer`.
        learning_rate_factor: over kimg, times the configured rate.
        clipping: bounds on the gradient.
        steps: committed steps; one that is skipped counts too, so that draws and data do not depend on it.
        parameters: the network's, listed once.
        values: the terms of this turn by name, detached, `[]` each; pieces of a batch are summed.
        noted: each piece's terms, which share their memory with what is logged.
    """

    name: PlayerName
    network: nn.Module
    terms: Sequence[Term]
    strategy: Strategy
    optimizer_config: Mapping[str, Any]
    learning_rate_factor: Callable[[float], float]
    clipping: Clipping = UNBOUNDED
    steps: int = 0
    parameters: list[nn.Parameter] = field(default_factory=list, repr=False)
    values: dict[str, Tensor] = field(default_factory=dict, repr=False)
    noted: list[Tensor] = field(default_factory=list, repr=False)
    _optimizer: Optimizer | None = field(default=None, repr=False)

    def build_optimizer(self) -> Optimizer:
        """Build the optimizer over the network's parameters, where they are now."""
        self.parameters = list(self.network.parameters())
        self._optimizer = build_optimizer(self.optimizer_config, self.parameters)
        self._base_rates = [group["lr"] for group in self._optimizer.param_groups]
        return self._optimizer

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer; it exists once the networks are on their device."""
        if self._optimizer is None:
            raise RuntimeError(f"The {self.name}'s optimizer is built by Game.start().")
        return self._optimizer

    def require_grad(self, required: bool) -> None:
        """Let the network's parameters take part in autograd, or freeze them."""
        for parameter in self.parameters:
            parameter.requires_grad_(required)

    def set_learning_rate(self, kimg: float) -> None:
        """Set the scheduled learning rate."""
        factor = self.learning_rate_factor(kimg)
        for group, base in zip(self.optimizer.param_groups, self._base_rates, strict=True):
            group["lr"] = base * factor

    def forget_gradients(self) -> None:
        """Set gradients to None: a parameter without gradient must not move, and zeros would move it."""
        self.values, self.noted = {}, []
        for parameter in self.parameters:
            parameter.grad = None

    def note(self, name: str, value: Tensor) -> None:
        """Remember a term `[]` of this turn, to be judged with the gradients."""
        self.noted.append(value)
        self.values[name] = self.values[name] + value if name in self.values else value

    def commit(self, skipped: Tensor) -> None:
        """Step along the gradients, or leave all as it is where `skipped` `[]` is 1."""
        self.clipping.clip(self.parameters, self.optimizer)
        take_step(self.optimizer, skipped)
        self.steps += 1


class Turns:
    """Keeps exactly one player's parameters in autograd; flags change only when the player does."""

    def __init__(self, players: Mapping[PlayerName, Player]) -> None:
        self.players = players
        self.active: PlayerName | None = None

    def give(self, name: PlayerName) -> None:
        """Give the turn to a player."""
        if self.active == name:
            return
        for other, player in self.players.items():
            player.require_grad(other == name)
        self.active = name
