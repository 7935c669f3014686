"""Least squares: formula, optimum, targets."""

import pytest
import torch

from gan_zoo.losses.lsgan import LeastSquares

REAL = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)
FAKE = REAL.flip(0) * 0.7 + 0.3


@pytest.mark.parametrize("targets", [(1.0, 0.0, 1.0), (1.0, -1.0, 0.0), (0.9, 0.1, 0.5)])
def test_formula(targets):
    real_target, fake_target, generator_target = targets
    loss = LeastSquares(*targets)
    expected = ((REAL - real_target) ** 2 + (FAKE - fake_target) ** 2) / 2
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), expected)
    torch.testing.assert_close(loss.generator(FAKE, None), (FAKE - generator_target) ** 2 / 2)


def test_optimal_score_is_the_weighted_mean_of_the_targets():
    """D* = (b p + a q) / (p + q), equation 5 of the paper."""
    p, q = 0.3, 0.5
    score = torch.tensor((1.0 * p + -1.0 * q) / (p + q), dtype=torch.float64, requires_grad=True)
    loss, there = LeastSquares(1.0, -1.0, 0.0), torch.tensor(1.0, dtype=torch.float64)
    on_real = torch.autograd.grad(loss.discriminator(score, there), score)[0]
    on_fake = torch.autograd.grad(loss.discriminator(there, score), score)[0]
    assert (p * on_real + q * on_fake).item() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    "options",
    [{"fake_target": 1.0}, {"generator_target": -0.5}, {"real_target": float("nan")}, {"real_target": "1"}],
)
def test_bad_targets_are_refused(options):
    with pytest.raises(ValueError, match="target"):
        LeastSquares(**options)
