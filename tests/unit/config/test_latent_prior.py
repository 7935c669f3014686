"""The latent priors by name, and what is drawn from them."""

import pytest
import torch

from gan_zoo.config.latent_prior import check_latent_prior, latent_signs
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.networks.base import draw_latents


def test_names():
    assert [latent_signs(name) for name in ("normal", "uniform", "signs_3")] == [0, 0, 3]


@pytest.mark.parametrize("name", ["signs_0", "signs", "signs_-1", "gauss", 3])
def test_other_names_are_refused(name):
    with pytest.raises(UserError, match="latent_prior"):
        latent_signs(name)


def test_signs_need_room():
    check_latent_prior("signs_4", 4)
    with pytest.raises(UserError, match="at least 5, got 4"):
        check_latent_prior("signs_5", 4)


def test_signs_are_fair_and_the_rest_normal():
    drawn = draw_latents(Draws(0), 20_000, 4, "test", prior="signs_2")
    assert set(drawn[:, :2].unique().tolist()) == {-1.0, 1.0}
    assert drawn[:, :2].mean(0).abs().max() < 0.03
    assert abs((drawn[:, 0] * drawn[:, 1]).mean()) < 0.03
    assert (drawn[:, 2:].std(0) - 1.0).abs().max() < 0.02
    assert torch.equal(drawn[:, 2:], draw_latents(Draws(0), 20_000, 4, "test")[:, 2:])
