"""The original GAN loss against log-probabilities, and its known optima."""

import math

import pytest
import torch

from gan_zoo.losses.js import JensenShannon

REAL = torch.linspace(-6.0, 6.0, 25, dtype=torch.float64)
FAKE = REAL.flip(0) * 0.7 + 0.3


@pytest.mark.parametrize("real_label", [1.0, 0.9, 0.5])
def test_discriminator_is_binary_cross_entropy(real_label):
    loss = JensenShannon(real_label=real_label).discriminator(REAL, FAKE)
    on_real = torch.nn.functional.binary_cross_entropy(
        torch.sigmoid(REAL), torch.full_like(REAL, real_label), reduction="none"
    )
    on_fake = -torch.log1p(-torch.sigmoid(FAKE))
    torch.testing.assert_close(loss, on_real + on_fake, rtol=0.0, atol=1e-12)


def test_generators_of_both_variants():
    probability = torch.sigmoid(FAKE)
    torch.testing.assert_close(
        JensenShannon().generator(FAKE, None), -probability.log(), rtol=0.0, atol=1e-12
    )
    minimax = JensenShannon("minimax").generator(FAKE, None)
    torch.testing.assert_close(minimax, torch.log(1.0 - probability), rtol=0.0, atol=1e-12)


def test_far_scores_are_exact_in_float64():
    score = torch.tensor([40.0], dtype=torch.float64)
    assert JensenShannon().generator(score, None).item() == pytest.approx(math.exp(-40.0), rel=1e-12)


def test_value_at_the_optimal_discriminator_is_the_divergence():
    """With D = p / (p + q), minus D's loss is 2 JSD(p, q) - log 4 (equation 6 of the paper)."""
    p = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    q = torch.tensor([0.4, 0.1, 0.1, 0.4], dtype=torch.float64)
    optimal = (p / q).log()
    on_real = JensenShannon().discriminator(optimal, torch.full_like(optimal, -1e3))  # no cost from the fakes
    on_fake = JensenShannon().discriminator(torch.full_like(optimal, 1e3), optimal)  # none from the reals
    value = -(p * on_real).sum() - (q * on_fake).sum()
    middle = (p + q) / 2
    divergence = 0.5 * (p * (p / middle).log()).sum() + 0.5 * (q * (q / middle).log()).sum()
    assert value.item() == pytest.approx(2 * divergence.item() - math.log(4.0), abs=1e-12)


@pytest.mark.parametrize("real_label", [1.0, 0.9])
def test_minimum_is_where_label_smoothing_says(real_label):
    """D* = a p / (p + q) for real label a: the slope of p * loss(real) + q * loss(fake) vanishes there."""
    p, q = 0.3, 0.5
    optimum = real_label * p / (p + q)
    score = torch.logit(torch.tensor(optimum, dtype=torch.float64)).requires_grad_()
    loss = JensenShannon(real_label=real_label)
    far = torch.tensor(1e3, dtype=torch.float64)
    slope_real = torch.autograd.grad(loss.discriminator(score, -far), score)[0]
    slope_fake = torch.autograd.grad(loss.discriminator(far, score), score)[0]
    assert (p * slope_real + q * slope_fake).item() == pytest.approx(0.0, abs=1e-12)


def test_unrolled_minimax_is_minus_the_whole_value_function():
    loss = JensenShannon("minimax", real_label=0.9)
    assert loss.unrolled_needs_real
    assert not loss.generator_needs_real
    torch.testing.assert_close(loss.unrolled_generator(FAKE, REAL), -loss.discriminator(REAL, FAKE))
    with pytest.raises(ValueError, match="scores of reals"):
        loss.unrolled_generator(FAKE, None)


def test_unrolled_non_saturating_is_the_plain_generator_loss():
    loss = JensenShannon()
    assert not loss.unrolled_needs_real
    torch.testing.assert_close(loss.unrolled_generator(FAKE, None), loss.generator(FAKE, None))


@pytest.mark.parametrize(
    "options",
    [{"variant": "nonsaturating"}, {"real_label": 0.0}, {"real_label": 1.1}, {"real_label": "soft"}],
)
def test_bad_values_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        JensenShannon(**options)
