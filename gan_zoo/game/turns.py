"""Who moves when: critic steps per generator step, alternating or simultaneous."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CriticSchedule:
    """Critic steps per round as a function of the generator's committed steps.

    WGAN's official code (Arjovsky et al. 2017, arXiv:1701.07875) takes 100 critic steps in the first 25
    rounds and in every 500th, and 5 otherwise.

    Attributes:
        otherwise: the usual number.
        critic_steps: the number in the first rounds and in every n-th.
        first_steps: how many first rounds.
        every: n, or 0 for never.

    Example:
        >>> schedule = CriticSchedule(5, critic_steps=100, first_steps=25, every=500)
        >>> [schedule(generator_steps) for generator_steps in (0, 24, 25, 500)]
        [100, 100, 5, 100]
    """

    otherwise: int
    critic_steps: int = 0
    first_steps: int = 0
    every: int = 0

    def __call__(self, generator_steps: int) -> int:
        """Return the critic steps before the generator's step number `generator_steps`."""
        often = generator_steps < self.first_steps or (self.every > 0 and generator_steps % self.every == 0)
        return self.critic_steps if often else self.otherwise


def critic_schedule(value: int | Mapping[str, int]) -> CriticSchedule:
    """Read a number, or `{otherwise, critic_steps, first_steps, every}`, as a schedule."""
    return CriticSchedule(value) if isinstance(value, int) else CriticSchedule(**value)


@dataclass(frozen=True)
class Programme:
    """The shape of a round; a round is over when the generator has moved.

    Attributes:
        critic_steps: of D, each on fresh reals, before G moves.
        generator_steps: of G.
        simultaneous: whether the last critic step and G's first step are taken at the same parameters.
        reuse_latents: whether G's turn reuses the latents of the last critic step.
    """

    critic_steps: CriticSchedule
    generator_steps: int = 1
    simultaneous: bool = False
    reuse_latents: bool = False
