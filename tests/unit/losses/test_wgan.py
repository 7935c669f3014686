"""Wasserstein losses: differences of scores, and the parts they bring."""

import pytest
import torch

from gan_zoo.losses.wgan import Wasserstein
from gan_zoo.losses.wgangp import WassersteinGradientPenalty

REAL = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
FAKE = torch.tensor([0.25, 3.0, -1.0], dtype=torch.float64)


@pytest.mark.parametrize("loss", [Wasserstein(), WassersteinGradientPenalty()])
def test_formula(loss):
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), FAKE - REAL)
    torch.testing.assert_close(loss.generator(FAKE, None), -FAKE)
    assert loss.preferences["turns"] == {"critic_steps": 5}


def test_minus_the_loss_at_the_optimal_critic_is_the_distance():
    """Between point masses at 0 and 3 the 1-Lipschitz critic D(x) = -x gives the earth mover's distance 3."""
    critic = torch.tensor([0.0, -3.0], dtype=torch.float64)
    assert -Wasserstein().discriminator(critic[:1], critic[1:]).item() == 3.0


def test_clipping_comes_with_wgan():
    assert Wasserstein().stabilizers() == {"weight_clipping": {"limit": "auto"}}
    assert Wasserstein(0.02).stabilizers() == {"weight_clipping": {"limit": 0.02}}
    assert Wasserstein().regularizers() == {}


def test_the_penalty_comes_with_wgangp():
    schedule = {"kind": "linear", "start": 10.0, "end": 1.0, "start_kimg": 0.0, "end_kimg": 5.0}
    loss = WassersteinGradientPenalty(weight=schedule, target=750.0)
    expected = {"weight": schedule, "target": 750.0, "at": "interpolates"}
    assert loss.regularizers() == {"gradient_penalty": expected}
    assert loss.stabilizers() == {}
    assert loss.preferences["optimizer"] == {"betas": [0.0, 0.9]}


@pytest.mark.parametrize(
    ("loss", "options"),
    [
        (Wasserstein, {"clip_limit": 0.0}),
        (Wasserstein, {"clip_limit": "small"}),
        (WassersteinGradientPenalty, {"weight": -1.0}),
        (WassersteinGradientPenalty, {"target": 0}),
        (WassersteinGradientPenalty, {"target": None}),
    ],
)
def test_bad_values_are_refused(loss, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        loss(**options)
