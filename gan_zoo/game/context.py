"""One player's turn as a lazy, cached dataflow: what nobody pulls is never computed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gan_zoo.draws import Draws
from gan_zoo.errors import did_you_mean
from gan_zoo.game.shares import by_packs
from gan_zoo.stabilizers.base import Stabilizer
from gan_zoo.systems.base import System
from gan_zoo.types import DISCRIMINATOR, GENERATOR, CriticOutput, PlayerName, Stage

Network = Callable[..., Any]


@dataclass(frozen=True)
class Setting:
    """What stays the same during a turn.

    Attributes:
        system: names the quantities.
        networks: by player; look-ahead substitutes the discriminator.
        views: stabilizers that change what D sees, in order.
        draws: the run's random numbers.
        player: whose turn it is.
        position: (player, its step, its piece of the batch): the index of every draw.
        kimg: thousands of reals seen when the turn began.
        differentiates: samples that must require grad.
        packs: how many samples D judges together.
        stage: of growth, or None.
        levels: resolutions of growth.
        mixed_precision: whether networks run under autocast.
    """

    system: System
    networks: Mapping[PlayerName, Network]
    views: tuple[Stabilizer, ...]
    draws: Draws
    player: PlayerName
    position: tuple[int | str, ...]
    kimg: float
    differentiates: frozenset[str] = frozenset()
    packs: int = 1
    stage: Stage | None = None
    levels: tuple[int, ...] = ()
    mixed_precision: bool = False


class Context:
    """Leaves, quantities and networks of one turn; implements `Quantities` and `Turn`.

    Each quantity is computed when first asked for, and remembered with the networks it depends on, so that
    look-ahead can keep whatever does not depend on the network it substitutes.
    """

    def __init__(self, setting: Setting, leaves: Mapping[str, Any]) -> None:
        self.setting, self.leaves = setting, leaves
        self._quantities = setting.system.quantities
        self._values: dict[str, Any] = {}
        self._depends: dict[str, frozenset[PlayerName]] = {}
        self._open: list[set[PlayerName]] = []  # networks used by the quantities being computed now
        self.kimg, self.packs = setting.kimg, setting.packs
        self.stage, self.levels = setting.stage, setting.levels
        self.differentiates, self.mixed_precision = setting.differentiates, setting.mixed_precision

    def __getitem__(self, name: str) -> Any:
        if name in self.leaves:
            return self.leaves[name]
        if name not in self._values:
            if name not in self._quantities:
                hint = did_you_mean(name, [*self._quantities, *self.leaves])
                raise KeyError(f"No quantity '{name}' in this game. {hint}")
            self._open.append(set())
            try:
                self._values[name] = self._quantities[name](self)
            finally:
                used = self._open.pop()
            self._depends[name] = frozenset(used)
        self._note(self._depends[name])
        return self._values[name]

    def _note(self, networks: Iterable[PlayerName]) -> None:
        if self._open:
            self._open[-1].update(networks)

    def _condition(self) -> dict[str, Any]:
        return {} if self.stage is None else {"level": self.stage.level, "fade": self.stage.fade}

    def generate(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """Run the generator."""
        self._note((GENERATOR,))
        with self.setting.draws.at(*self.setting.position, "generate"):
            return self.setting.networks[GENERATOR](latents, labels, **self._condition())

    def judge(self, samples: Tensor, labels: Tensor | None, tag: str, eager: bool = False) -> CriticOutput:
        """Show samples to the discriminator as it sees them: augmented, noisy, packed, in this order."""
        self._note((DISCRIMINATOR,))
        setting = self.setting
        network = setting.networks[DISCRIMINATOR]
        if eager and isinstance(network, nn.Module):
            network = network.forward  # a compiled module has no second derivative
        with setting.draws.at(*setting.position, tag), autocast_off(samples.device, eager):
            for stabilizer in setting.views:
                samples = stabilizer.view(samples, setting.draws, setting.kimg)
            if labels is not None and setting.packs > 1:
                labels = labels[:: setting.packs]
            with by_packs(setting.draws):
                return network(samples, labels, **self._condition())

    def differentiable(self, name: Literal["real", "fake"]) -> tuple[Tensor, Tensor]:
        """Return (samples that require grad, D's score [B] at them), eager and in float32."""
        return self[f"differentiable_{name}"]

    def differentiable_score(self, samples: Tensor, labels: Tensor | None) -> Tensor:
        """Return D's score [B] at any samples, eager and in float32."""
        return self.judge(samples, labels, "penalty", eager=True).score

    def uniform(self, shape: tuple[int, ...], purpose: str) -> Tensor:
        """Draw U[0, 1) for this turn; the first dimension counts packs."""
        device = self.leaves["samples"].device
        with by_packs(self.setting.draws):
            return self.setting.draws.uniform(shape, purpose, *self.setting.position, device=device)

    def fork(self, player: PlayerName, network: Network) -> Context:
        """Return a context in which `network` plays for `player`; keep all that does not depend on it."""
        networks = {**self.setting.networks, player: network}
        fork = Context(replace(self.setting, networks=networks), self.leaves)
        for name, used in self._depends.items():
            if player not in used:
                fork._values[name], fork._depends[name] = self._values[name], used
        return fork


def autocast_off(device: torch.device, off: bool = True) -> Any:
    """Return a context manager that leaves autocast (so penalties are in float32), or does nothing."""
    if not off or not torch.is_autocast_enabled(device.type):
        return contextlib.nullcontext()
    return torch.autocast(device.type, enabled=False)
