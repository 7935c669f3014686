"""D names the class of each sample, and G makes samples whose class D can name.

Odena et al. 2017, arXiv:1610.09585, equation 3 (L_C): both players maximize log P(C = c | x).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_zoo.errors import UserError, require_flag
from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, in_full_precision
from gan_zoo.types import DISCRIMINATOR, GENERATOR, CriticOutput, PlayerName, Quantities


@REGULARIZERS.register("auxiliary_classification")
class AuxiliaryClassification(Regularizer):
    """Cross-entropy of D's class head: on reals and fakes for D, on fakes for G (AC-GAN).

    Args:
        weight: factor, a number or a schedule over kimg; the same for both players.
        interval: apply on every n-th step of each player, times n.
        on_fakes_in_discriminator: whether D learns the class of fakes too, as in the paper.

    Raises:
        ValueError: for a value of the wrong type.
    """

    players = (DISCRIMINATOR, GENERATOR)
    needs_labels = True

    def __init__(
        self, weight: Weight = 1.0, interval: int = 1, on_fakes_in_discriminator: bool = True
    ) -> None:
        super().__init__(weight, interval)
        self.on_fakes_in_discriminator = require_flag("on_fakes_in_discriminator", on_fakes_in_discriminator)

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return the cross-entropy of the player's samples, `[B]`.

        Raises:
            UserError: if D has no class head, or there are no labels.
        """
        packs = quantities.packs
        if player == GENERATOR:
            return classification(quantities["fake_output"], quantities["fake_labels"], packs)
        on_reals = classification(quantities["real_output"], quantities["labels"], packs)
        if not self.on_fakes_in_discriminator:
            return on_reals
        on_fakes = classification(quantities["fake_output"], quantities["fake_labels"], packs)
        return on_reals.repeat(len(on_fakes) // len(on_reals)) + on_fakes  # latent pairs: two fakes per real


def classification(output: CriticOutput, labels: Tensor | None, packs: int) -> Tensor:
    """Return the cross-entropy of the head `classes` with the labels `[m*B]`, one per pack, `[B]`.

    Raises:
        UserError: if there is no such head, or there are no labels.
    """
    if "classes" not in output.heads:
        heads = ", ".join(output.heads) or "none"
        raise UserError(
            f"auxiliary_classification needs a discriminator with a head `classes`; heads found: {heads}. "
            "Use model=acgan, or drop the term with ~regularizer.auxiliary_classification."
        )
    if labels is None:
        raise UserError("auxiliary_classification needs a labeled data set, such as data=digits.")
    return cross_entropy(in_full_precision(output.heads["classes"]), labels[::packs], reduction="none")
