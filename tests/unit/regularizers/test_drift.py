"""Drift: the squared real score."""

import torch

from gan_zoo.regularizers.drift import Drift


def test_is_the_squared_real_score(quantities, linear, normal):
    weight, real = normal(5), normal(4, 5)
    term = Drift()(quantities(linear(weight), real=real, fake=normal(4, 5)), "discriminator")
    torch.testing.assert_close(term, (real @ weight) ** 2)


def test_default_weight_is_pggans():
    assert Drift().weight(0.0) == 0.001
