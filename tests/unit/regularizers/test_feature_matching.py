"""Feature matching: mean absolute difference of the mean last features."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.regularizers.feature_matching import FeatureMatching
from gan_zoo.types import CriticOutput


def output(first, last):
    return CriticOutput(last.flatten(1).sum(1), features={"first": first, "last": last})


def test_formula_uses_the_last_features_and_all_their_units(quantities, normal):
    real, fake = normal(4, 3, 2, 2), normal(6, 3, 2, 2)
    turn = quantities(None, real_output=output(normal(4, 9), real), fake_output=output(normal(6, 9), fake))
    term = FeatureMatching()(turn, "generator")
    expected = sum(
        abs(real[:, c, i, j].mean() - fake[:, c, i, j].mean())
        for c in range(3)
        for i in range(2)
        for j in range(2)
    )
    assert term.shape == ()
    torch.testing.assert_close(term, expected / 12)


def test_order_and_copies_of_samples_do_not_matter(quantities, normal):
    real, fake = normal(4, 5), normal(4, 5)
    turn = quantities(None, real_output=output(real, real), fake_output=output(fake, fake))
    same = quantities(
        None, real_output=output(real, real.flip(0).repeat(2, 1)), fake_output=output(fake, fake.roll(1, 0))
    )
    torch.testing.assert_close(FeatureMatching()(same, "g"), FeatureMatching()(turn, "g"))
    matched = quantities(None, real_output=output(real, real), fake_output=output(real, real.flip(0)))
    assert FeatureMatching()(matched, "g").item() == pytest.approx(0.0, abs=1e-15)


def test_gradient_reaches_the_fakes(quantities, normal):
    real = normal(4, 5)

    def term(fake):
        turn = quantities(None, real_output=output(real, real), fake_output=output(fake, fake))
        return FeatureMatching()(turn, "generator")

    assert torch.autograd.gradcheck(term, normal(4, 5).requires_grad_())


def test_missing_features_are_explained(quantities, normal):
    bare = CriticOutput(normal(4))
    with pytest.raises(UserError, match="features"):
        FeatureMatching()(quantities(None, real_output=bare, fake_output=bare), "generator")
