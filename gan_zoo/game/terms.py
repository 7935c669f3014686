"""Everything a player minimizes: a sum of terms, each with a weight over kimg and an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from gan_zoo.game.context import Context, autocast_off
from gan_zoo.losses.base import AdversarialLoss
from gan_zoo.regularizers.base import Regularizer
from gan_zoo.schedule import Schedule, as_schedule
from gan_zoo.systems.base import full_precision
from gan_zoo.types import DISCRIMINATOR, GENERATOR, PlayerName


@dataclass(frozen=True)
class Term:
    """One summand of a player's loss.

    Attributes:
        name: log key after the player's name.
        compute: gives one value per sample `[B]`, or one number.
        weight: factor over kimg.
        interval: counted on the player's committed steps; a due term is multiplied by it.
        differentiates: samples that must require grad.
        penalty: whether it differentiates D by its input (so it is computed outside autocast).
    """

    name: str
    compute: Callable[[Context], Tensor]
    weight: Schedule
    interval: int = 1
    differentiates: frozenset[str] = frozenset()
    penalty: bool = False

    def due(self, step: int) -> bool:
        """Say whether the term is part of the player's committed step number `step`."""
        return step % self.interval == 0


def due_terms(terms: Sequence[Term], step: int, kimg: float) -> list[tuple[Term, float]]:
    """Return the terms of this step with their factors, weight * interval; a zero weight costs nothing."""
    due = [(term, term.weight(kimg) * term.interval) for term in terms if term.due(step)]
    return [(term, factor) for term, factor in due if factor != 0.0]


def total(context: Context, due: Sequence[tuple[Term, float]]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the sum of the due terms, and each term as it entered it, reduced by mean."""
    parts = {}
    for term, factor in due:
        with autocast_off(context["samples"].device, term.penalty):
            parts[term.name] = full_precision(term.compute(context)).mean() * factor
    return sum(parts.values()), parts  # type: ignore[return-value]


def loss_terms(loss: AdversarialLoss, unrolled: bool) -> dict[PlayerName, Term]:
    """Make both players' adversarial terms from a loss.

    Args:
        loss: the formulas.
        unrolled: whether G's term is taken after look-ahead steps of D.
    """
    needs_real = loss.unrolled_needs_real if unrolled else loss.generator_needs_real
    formula = loss.unrolled_generator if unrolled else loss.generator

    def discriminator(context: Context) -> Tensor:
        return loss.discriminator(context["real_score"], context["fake_score"])

    def generator(context: Context) -> Tensor:
        return formula(context["fake_score"], context["real_score"] if needs_real else None)

    one = as_schedule(1.0)
    return {
        DISCRIMINATOR: Term("adversarial", discriminator, one),
        GENERATOR: Term("adversarial", generator, one),
    }


def regularizer_terms(regularizers: Mapping[str, Regularizer]) -> dict[PlayerName, list[Term]]:
    """Make the terms of each player from regularizers by name."""
    terms: dict[PlayerName, list[Term]] = {DISCRIMINATOR: [], GENERATOR: []}
    for name, regularizer in regularizers.items():
        for player in regularizer.players:
            terms[player].append(_term(name, regularizer, player))
    return terms


def _term(name: str, regularizer: Regularizer, player: PlayerName) -> Term:
    return Term(
        name,
        lambda context: regularizer(context, player),
        regularizer.weight,
        regularizer.interval,
        frozenset(regularizer.differentiates),
        regularizer.input_gradient,
    )
