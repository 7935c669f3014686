"""What an adversarial loss is: two formulas on scores, and the parts that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from gan_zoo.registry import Registry
from gan_zoo.schedule import as_schedule
from gan_zoo.types import ScoreKind

Weight = float | Mapping[str, Any]


class AdversarialLoss:
    """Scores in, one value per sample out; the game reduces, weights and logs.

    Attributes:
        score_kinds: what kinds of score the formulas are right for.
        generator_needs_real: whether `generator` uses the real scores.
        preferences: what this loss suggests where the command line and the model leave `auto`, shaped like
            the configuration, such as `{"turns": {"critic_steps": 5}}`.
    """

    score_kinds: tuple[ScoreKind, ...] = ("logit", "critic")
    generator_needs_real: bool = False
    preferences: dict[str, Any] = {}

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss `[B]` from scores of reals and fakes `[B]`."""
        raise NotImplementedError

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return G's loss `[B]` from scores of fakes `[B]`, and of reals where `generator_needs_real`."""
        raise NotImplementedError

    @property
    def unrolled_needs_real(self) -> bool:
        """Whether `unrolled_generator` uses the real scores."""
        return self.generator_needs_real

    def unrolled_generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return G's loss `[B]` against a discriminator that has looked ahead; a minimax game overrides it.

        The scores of reals matter there, because the look-ahead weights depend on G.
        """
        return self.generator(fake, real)

    def regularizers(self) -> dict[str, dict[str, Any]]:
        """Return the regularizers that belong to this loss, by name, with their parameters."""
        return {}

    def stabilizers(self) -> dict[str, dict[str, Any]]:
        """Return the stabilizers that belong to this loss, by name, with their parameters."""
        return {}


def require_weight(name: str, weight: Weight) -> Weight:
    """Return the weight of a penalty, a number or a schedule over kimg, if it is nowhere negative.

    Raises:
        ValueError: if it is negative somewhere, or neither a number nor a schedule.
    """
    schedule = as_schedule(weight)
    if min(schedule.start, schedule.end) < 0.0:
        raise ValueError(f"{name}: expected a weight of at least 0, got {weight!r}.")
    return weight


LOSSES: Registry[AdversarialLoss] = Registry("loss")
