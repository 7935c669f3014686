"""Mode score: the inception score, lowered where generated classes are not as frequent as real ones.

After Che et al. 2017, arXiv:1612.02136, equation 5, in the form of Xu et al. 2018, arXiv:1806.07755. With the
training marginal also in the first divergence, as the former is often quoted, the two terms cancel to the
plain inception score.
"""

from __future__ import annotations

import math

import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array
from gan_zoo.metrics.functional.inception_score import mean_divergence
from gan_zoo.metrics.probabilities import as_probabilities

_LEAST = 1e-20  # of a real class's share, so that a class which real samples never have costs much, not all


def mode_score(fake_probabilities: Array, real_probabilities: Array) -> float:
    """Return exp(E KL(p(y|x) || p_fake(y)) - KL(p_fake(y) || p_real(y))); higher is better.

    It lies between 0 and the number of classes, which is ideal where real classes are equally frequent. It
    cannot see collapse within classes.

    Args:
        fake_probabilities: p(y|x) of generated samples, `[N, K]`.
        real_probabilities: p(y|x) of real samples, `[M, K]`, only their mean is used.

    Raises:
        UserError: for rows that are no probabilities, or different numbers of classes.

    Example:
        >>> round(mode_score(torch.eye(4), torch.eye(4)), 9)
        4.0
    """
    fake = as_probabilities(fake_probabilities, "fake_probabilities")
    real = as_probabilities(real_probabilities, "real_probabilities")
    if fake.shape[1] != real.shape[1]:
        raise UserError(
            f"There are {fake.shape[1]} classes for fakes and {real.shape[1]} for reals. Use one classifier."
        )
    generated, wanted = fake.mean(0), real.mean(0).clamp(min=_LEAST)
    divergence = torch.special.xlogy(generated, generated / wanted).sum()
    return math.exp(float(mean_divergence(fake) - divergence))
