"""DRAGAN: the original loss, and its penalty."""

import pytest
import torch

from gan_zoo.losses.dragan import Dragan
from gan_zoo.losses.js import JensenShannon

REAL = torch.linspace(-6.0, 6.0, 25, dtype=torch.float64)
FAKE = REAL.flip(0) * 0.7 + 0.3


def test_formula_is_that_of_js():
    torch.testing.assert_close(Dragan().discriminator(REAL, FAKE), JensenShannon().discriminator(REAL, FAKE))
    torch.testing.assert_close(Dragan().generator(FAKE, None), JensenShannon().generator(FAKE, None))


def test_the_penalty_is_at_noisy_reals():
    expected = {"weight": 10.0, "target": 1.0, "at": "noisy_reals"}
    assert Dragan().regularizers() == {"gradient_penalty": expected}


@pytest.mark.parametrize("options", [{"weight": -1.0}, {"target": -1.0}])
def test_bad_values_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Dragan(**options)
