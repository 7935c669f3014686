"""Relativistic pairing: formula, symmetry, penalties."""

import pytest
import torch

from gan_zoo.losses.relativistic import Relativistic

REAL = torch.linspace(-6.0, 6.0, 25, dtype=torch.float64)
FAKE = REAL.flip(0) * 0.7 + 0.3


def test_formula():
    loss = Relativistic()
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), torch.log1p(torch.exp(FAKE - REAL)))
    torch.testing.assert_close(loss.generator(FAKE, REAL), torch.log1p(torch.exp(REAL - FAKE)))


def test_only_differences_matter():
    loss = Relativistic()
    torch.testing.assert_close(loss.discriminator(REAL + 7.0, FAKE + 7.0), loss.discriminator(REAL, FAKE))


def test_players_swap_roles_when_samples_do():
    loss = Relativistic()
    torch.testing.assert_close(loss.generator(FAKE, REAL), loss.discriminator(FAKE, REAL))


def test_needs_reals_and_says_so():
    loss = Relativistic()
    assert loss.generator_needs_real
    assert loss.unrolled_needs_real
    with pytest.raises(ValueError, match="scores of reals"):
        loss.generator(FAKE, None)


def test_both_penalties_come_with_it():
    assert Relativistic(gamma=0.5).regularizers() == {"r1": {"weight": 0.5}, "r2": {"weight": 0.5}}
    with pytest.raises(ValueError, match="gamma"):
        Relativistic(gamma=-0.5)
