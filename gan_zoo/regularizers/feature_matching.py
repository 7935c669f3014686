"""Fakes must have the mean features of reals, in D's last hidden layer.

Salimans et al. 2016, arXiv:1606.03498, section 3.1, in the form of the authors' code: the L1 norm of the
difference of the batch means, divided by the number of features. There it replaces G's adversarial loss; here
it is added to it.
"""

from __future__ import annotations

from torch import Tensor

from gan_zoo import processes
from gan_zoo.errors import UserError
from gan_zoo.regularizers.base import REGULARIZERS, Regularizer, Weight, in_full_precision
from gan_zoo.types import GENERATOR, CriticOutput, PlayerName, Quantities


@REGULARIZERS.register("feature_matching")
class FeatureMatching(Regularizer):
    """Mean absolute difference between the batch means of D's last features on reals and on fakes.

    Args:
        weight: factor, a number or a schedule over kimg.
        interval: apply on every n-th step of G, times n.
    """

    players = (GENERATOR,)
    coupled = True
    needs_real = True

    def __init__(self, weight: Weight = 1.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def __call__(self, quantities: Quantities, player: PlayerName) -> Tensor:
        """Return mean |E[h(real)] - E[h(fake)]| over the features h, one number.

        Raises:
            UserError: if D names no features.
        """
        real, fake = mean_features(quantities["real_output"]), mean_features(quantities["fake_output"])
        return (real - fake).abs().mean()


def mean_features(output: CriticOutput) -> Tensor:
    """Return the mean over the batch, of all processes, of the last features, flattened, `[N]`.

    Raises:
        UserError: if there are none.
    """
    if not output.features:
        raise UserError(
            "feature_matching needs a discriminator that returns its hidden layers in `features`; this one "
            "returns none. Use model=dcgan, or drop the term with ~regularizer.feature_matching."
        )
    last = list(output.features.values())[-1]
    return processes.mean(in_full_precision(last).flatten(1).mean(0))
