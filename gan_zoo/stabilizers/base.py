"""What a stabilizer is: it changes how learning goes without being a term of a loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.recipe import Recipe
from gan_zoo.registry import Registry
from gan_zoo.types import DISCRIMINATOR, GENERATOR, DataSpec, PlayerName


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes:
        images: real images consumed by D's committed steps, over all processes.
        stage_images: of these, how many since the current level of growth began (all, without growth).
        skipped: `[]` on the device, 1 if the step was not applied since a number was not finite, else 0; None
            where nobody judged. The host does not know, so that nothing has to wait.
    """

    images: int
    stage_images: int
    skipped: Tensor | None = None

    @property
    def kimg(self) -> float:
        """Thousands of real images seen."""
        return self.images / 1000.0


class Stabilizer:
    """Four possible hooks: edit the recipe, change what D sees, act after a step, bound look-ahead weights.

    Attributes:
        order: position among what D sees is made in: augmentation 10, noise 20, packing 30.
        packs: how many samples D judges together.
    """

    order: ClassVar[int] = 0
    packs: int = 1

    def check(self, spec: DataSpec) -> None:
        """Raise UserError if it cannot work with these data."""

    def edit(self, recipe: Recipe) -> Recipe:
        """Return the recipe that this player's network is built from; look at `recipe.role`."""
        return recipe

    def changed(self, network: nn.Module, role: PlayerName) -> bool:
        """Say whether `edit` found something to change in the built network (checked before training)."""
        return False

    def changes_view(self) -> bool:
        """Say whether `view` does anything."""
        return type(self).view is not Stabilizer.view

    def view(self, samples: Tensor, draws: Draws, kimg: float) -> Tensor:
        """Return what D sees of `samples`, differentiable; draw at `draws.position`."""
        return samples

    def start(self, networks: Mapping[PlayerName, nn.Module]) -> None:
        """Look at the networks once, after they were built and moved to their device."""

    def after_step(self, player: PlayerName, progress: Progress) -> None:
        """Act after a committed step of `player`; change nothing where `progress.skipped` is 1.

        Buffers of a network that it keeps as `generator` are put back by the game.
        """

    def constrain(self, name: str, weight: Tensor) -> Tensor:
        """Return what `after_step` would make of D's parameter `name`, differentiable (for unrolling)."""
        return weight

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep: numbers, tensors and plain containers."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""


def checked_players(players: Sequence[str]) -> tuple[PlayerName, ...]:
    """Return `players` as a tuple, each of them `generator` or `discriminator`, none twice.

    Raises:
        UserError: for an unknown name, a text instead of a list, or an empty list.
    """
    known: tuple[PlayerName, ...] = (GENERATOR, DISCRIMINATOR)
    if isinstance(players, str) or not players:
        raise UserError(f"players: a list such as [generator, discriminator], got {players!r}.")
    for player in players:
        if player not in known:
            raise UserError(f"players: unknown player '{player}'. {did_you_mean(str(player), known)}")
    return tuple(player for player in known if player in players)


def require_whole(name: str, value: Any, low: int) -> int:
    """Return `value` if it is a whole number of at least `low`.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ValueError(f"{name}: expected a whole number of at least {low}, got {value!r}.")
    return value


def append_statistics(x: Tensor, statistics: Tensor) -> Tensor:
    """Append numbers per sample `[B, K]` to vectors `[B, C]`, or as constant maps to `[B, C, H, W]`."""
    extra = statistics.to(x.dtype)
    if x.dim() == 2:
        return torch.cat([x, extra], 1)  # [B, C + K]
    maps = extra[:, :, None, None].expand(-1, -1, *x.shape[2:])
    if x.is_contiguous(memory_format=torch.channels_last):
        # cat keeps channels_last only where every part has it
        maps = maps.contiguous(memory_format=torch.channels_last)
    return torch.cat([x, maps], 1)  # [B, C + K, H, W]


STABILIZERS: Registry[Stabilizer] = Registry("stabilizer")
