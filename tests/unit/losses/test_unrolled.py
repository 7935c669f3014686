"""Unrolled hands everything to its objective, and checks what is its own."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.losses.base import LOSSES
from gan_zoo.losses.unrolled import Unrolled

REAL = torch.linspace(-3.0, 3.0, 7, dtype=torch.float64)
FAKE = REAL.flip(0) * 0.7 + 0.3


@pytest.mark.parametrize("objective", [name for name in LOSSES if name != "unrolled"])
def test_delegates_to_any_objective(objective):
    loss, inner = Unrolled(objective), LOSSES.build(objective)
    real = REAL if inner.generator_needs_real else None
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), inner.discriminator(REAL, FAKE))
    torch.testing.assert_close(loss.generator(FAKE, real), inner.generator(FAKE, real))
    torch.testing.assert_close(loss.unrolled_generator(FAKE, real), inner.unrolled_generator(FAKE, real))
    assert type(loss.objective) is type(inner)
    for name in ("score_kinds", "generator_needs_real", "unrolled_needs_real", "preferences"):
        assert getattr(loss, name) == getattr(inner, name)
    assert loss.regularizers() == inner.regularizers()
    assert loss.stabilizers() == inner.stabilizers()


def test_options_reach_the_objective():
    loss = Unrolled("js", {"variant": "minimax"})
    assert loss.unrolled_needs_real
    torch.testing.assert_close(loss.unrolled_generator(FAKE, REAL), -loss.discriminator(REAL, FAKE))
    assert Unrolled("wgangp", {"weight": 0.1}).regularizers()["gradient_penalty"]["weight"] == 0.1


def test_defaults():
    loss = Unrolled()
    assert (loss.steps, loss.inner, loss.inner_lr) == (5, "auto", None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "unrolled"}, "twice"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"steps": True}, "steps"),
        ({"inner": "rmsprop"}, "inner"),
        ({"inner_lr": 0.0}, "inner_lr"),
        ({"options": "minimax"}, "options"),
        ({"options": {"name": "hinge"}}, "objective="),
        ({"objective": "hing"}, "Did you mean 'hinge'"),
        ({"options": {"variant": "minmax"}}, "Did you mean 'minimax'"),
        ({"options": {"varient": "minimax"}}, "Did you mean 'variant'"),
    ],
)
def test_bad_values_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        LOSSES.build("unrolled", **options)
