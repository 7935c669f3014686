"""Any loss, G's gradient taken through K look-ahead steps of D.

Metz et al. 2017, arXiv:1611.02163, equations 6-9. The look-ahead itself is the game's; this part says what is
played and how far ahead G looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from gan_zoo.errors import require_choice, require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss

INNER_OPTIMIZERS = ("auto", "adam", "sgd")


@LOSSES.register("unrolled")
class Unrolled(AdversarialLoss):
    """Unrolled GAN around any other loss: G answers the discriminator that D is about to become.

    Args:
        objective: name of the loss that is played.
        options: the objective's own arguments.
        steps: look-ahead steps K, at least 1.
        inner: optimizer of the look-ahead steps: `auto` (D's own), `adam` or `sgd`.
        inner_lr: learning rate of the look-ahead steps, or None for D's current one.

    Attributes:
        objective: the loss that is played, built.

    Raises:
        ValueError: for a value out of its range, or an objective that is itself unrolled.
        UserError: for an unknown objective, or options that it does not take.
    """

    def __init__(
        self, objective: str = "js", options: Mapping[str, Any] | None = None, steps: int = 5,
        inner: str = "auto", inner_lr: float | None = None,
    ) -> None:  # fmt: skip
        if objective == "unrolled":
            raise ValueError("objective='unrolled' would look ahead twice; name the loss that is played.")
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise ValueError(f"steps: expected a whole number, at least 1, got {steps!r}.")
        self.objective = _built(objective, options)
        self.steps = steps
        self.inner = require_choice("inner", inner, INNER_OPTIMIZERS)
        self.inner_lr = None if inner_lr is None else require_number("inner_lr", inner_lr, 0.0, open_low=True)
        self.score_kinds = self.objective.score_kinds
        self.generator_needs_real = self.objective.generator_needs_real
        self.preferences = self.objective.preferences

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the objective's loss of D, `[B]`."""
        return self.objective.discriminator(real, fake)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return the objective's loss of G, `[B]`."""
        return self.objective.generator(fake, real)

    @property
    def unrolled_needs_real(self) -> bool:
        """Whether the objective's G needs the scores of reals after look-ahead."""
        return self.objective.unrolled_needs_real

    def unrolled_generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return what the objective's G minimizes after look-ahead, `[B]`."""
        return self.objective.unrolled_generator(fake, real)

    def regularizers(self) -> dict[str, dict[str, Any]]:
        """Return the objective's regularizers; they act inside the look-ahead steps too."""
        return self.objective.regularizers()

    def stabilizers(self) -> dict[str, dict[str, Any]]:
        """Return the objective's stabilizers."""
        return self.objective.stabilizers()


def _built(objective: str, options: Mapping[str, Any] | None) -> AdversarialLoss:
    if options is not None and not isinstance(options, Mapping):
        given = f"got {options!r}"
        raise ValueError(f"options: expected the objective's arguments, such as {{target: 1.0}}, {given}.")
    arguments = {str(name): value for name, value in (options or {}).items()}
    if "name" in arguments:
        raise ValueError(f"options: the loss is named by objective=..., here {objective!r}; remove `name`.")
    return LOSSES.build(objective, **arguments)
