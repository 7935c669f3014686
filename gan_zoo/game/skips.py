"""Which steps are not applied because a number is not finite: decided on the device, told when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gan_zoo.game.player import Player
from gan_zoo.types import PlayerName

GRADIENT = "gradient"  # the cause where every term was finite
QUIET_STEPS = 50  # a player's applied steps after which an episode of skipped ones is over
MOST_UNREAD = 4096  # steps after which the log reads itself, where nobody else does


@dataclass
class Tally:
    """A player's skipped steps.

    Attributes:
        steps: how many, by cause: the first term that was not finite, or `gradient`.
        in_a_row: how many of the last steps, without one that was applied.
        quiet: applied steps since the last skipped one.
        episodes: how often steps began to be skipped after at least 50 that were applied.
        since: the first cause of the latest episode, and the images seen before it; empty before the first.
    """

    steps: dict[str, int] = field(default_factory=dict)
    in_a_row: int = 0
    quiet: int = QUIET_STEPS
    episodes: int = 0
    since: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many steps were skipped."""
        return sum(self.steps.values())

    def add(self, cause: str | None, images: int) -> None:
        """Count a step that was applied (None) or skipped for a cause, taken after `images` images."""
        if cause is None:
            self.in_a_row, self.quiet = 0, self.quiet + 1
            return
        if self.quiet >= QUIET_STEPS:
            self.episodes, self.since = self.episodes + 1, {cause: images}
        self.steps[cause] = self.steps.get(cause, 0) + 1
        self.in_a_row, self.quiet = self.in_a_row + 1, 0


class _Step(NamedTuple):
    """A step that nobody has looked at yet."""

    skipped: Tensor  # []
    terms: dict[str, Tensor]  # [] each
    images: int


class Skips:
    """Judges each step on the device, and keeps what it saw there until somebody reads it.

    Args:
        players: whose steps.
    """

    def __init__(self, players: Sequence[PlayerName]) -> None:
        self._tallies = {player: Tally() for player in players}
        self._unread: dict[PlayerName, list[_Step]] = {player: [] for player in players}
        self._one: Tensor | None = None

    def judge(self, player: Player, images: int) -> Tensor:
        """Return 1 if a term or gradient of the player's turn is not finite, else 0; `[]`, float32.

        A gradient whose norm overflows counts as not finite: its square would not fit into the moments of an
        optimizer, and a weight whose moment is infinite never moves again.

        Args:
            player: with gradients and terms formed, and averaged over processes.
            images: seen before this step.
        """
        norms = torch._foreach_norm([p.grad for p in player.parameters if p.grad is not None])
        skipped = torch.zeros((), dtype=torch.float32, device=norms[0].device)
        if self._one is None or self._one.device != skipped.device:
            self._one = torch.ones_like(skipped)
        # The kernel of torch's gradient scaler: one call, where isfinite would take six small ones.
        torch._amp_foreach_non_finite_check_and_unscale_(
            [*norms, *player.values.values()], skipped, self._one
        )
        unread = self._unread[player.name]
        unread.append(_Step(skipped, player.values, images))
        if len(unread) >= MOST_UNREAD:
            self.read()
        return skipped

    def read(self) -> dict[PlayerName, Tally]:
        """Return each player's skipped steps so far; one transfer from the device, where none is new."""
        new = [(player, step) for player, steps in self._unread.items() for step in steps]
        skipped = torch.stack([step.skipped for _, step in new]).tolist() if new else []
        for (player, step), skips in zip(new, skipped, strict=True):
            self._tallies[player].add(_cause(step) if skips else None, step.images)
        self._unread = {player: [] for player in self._unread}
        return self._tallies

    def state_dict(self) -> dict[str, Any]:
        """Return all counts as plain data."""
        return {player: _plain(tally) for player, tally in self.read().items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over all counts; an older state has none."""
        for player in self._tallies:
            self._unread[player] = []
            self._tallies[player] = Tally(**_copied(state.get(player, {})))


def _cause(step: _Step) -> str:
    """Return the name of the first term that is not finite, or that it is the gradient alone."""
    return next((name for name, value in step.terms.items() if not value.isfinite()), GRADIENT)


def _plain(tally: Tally) -> dict[str, Any]:
    return _copied(vars(tally))


def _copied(state: Mapping[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in state.items()}
