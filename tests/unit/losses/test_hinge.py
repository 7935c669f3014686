"""Hinge: formula, and no slope beyond the margin."""

import torch

from gan_zoo.losses.hinge import Hinge

REAL = torch.tensor([-2.0, -1.0, 0.0, 0.5, 1.5], dtype=torch.float64)
FAKE = torch.tensor([2.0, 0.0, -0.5, -1.5, -3.0], dtype=torch.float64)


def test_formula():
    expected = torch.tensor([3.0 + 3.0, 2.0 + 1.0, 1.0 + 0.5, 0.5, 0.0], dtype=torch.float64)
    torch.testing.assert_close(Hinge().discriminator(REAL, FAKE), expected)
    torch.testing.assert_close(Hinge().generator(FAKE, None), -FAKE)


def test_no_slope_beyond_the_margin():
    real, fake = torch.tensor([1.5], requires_grad=True), torch.tensor([-1.5], requires_grad=True)
    slopes = torch.autograd.grad(Hinge().discriminator(real, fake).sum(), (real, fake))
    assert [slope.item() for slope in slopes] == [0.0, 0.0]


def test_value_at_the_optimal_critic_is_two_minus_total_variation():
    """With D = sign(p - q), E_p[1 - D]+ + E_q[1 + D]+ = 2 - sum |p - q|."""
    p = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    q = torch.tensor([0.4, 0.1, 0.1, 0.4], dtype=torch.float64)
    critic, far = (p - q).sign(), torch.full((4,), 9.0, dtype=torch.float64)
    value = (p * Hinge().discriminator(critic, -far)).sum() + (q * Hinge().discriminator(far, critic)).sum()
    torch.testing.assert_close(value, 2.0 - (p - q).abs().sum())
