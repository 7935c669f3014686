"""Laws of every registered loss."""

import inspect
from pathlib import Path

import pytest
import torch
import yaml

from gan_zoo.errors import UserError
from gan_zoo.losses import LOSSES

CONF = Path(__file__).parents[2] / "conf" / "loss"
ROOT = Path(__file__).parents[2] / "gan_zoo" / "losses"
NAMES = list(LOSSES)


def built(name):
    return LOSSES.build(name)


def generator(loss, fake, real):
    return loss.generator(fake, real if loss.generator_needs_real else None)


@pytest.mark.parametrize("name", NAMES)
def test_keeps_the_shape_and_treats_samples_apart(name):
    loss = built(name)
    real, fake = torch.linspace(-2, 2, 5), torch.linspace(1, -3, 5)
    for values in (loss.discriminator(real, fake), generator(loss, fake, real)):
        assert values.shape == (5,)
    shuffle = torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(
        loss.discriminator(real[shuffle], fake[shuffle]), loss.discriminator(real, fake)[shuffle]
    )
    torch.testing.assert_close(
        generator(loss, fake[shuffle], real[shuffle]), generator(loss, fake, real)[shuffle]
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_is_finite_at_far_scores_with_finite_slopes(name, dtype):
    loss = built(name)
    real = torch.tensor([50.0, -50.0, 50.0, -50.0], dtype=dtype, requires_grad=True)
    fake = torch.tensor([50.0, 50.0, -50.0, -50.0], dtype=dtype, requires_grad=True)
    for values in (loss.discriminator(real, fake), generator(loss, fake, real)):
        assert values.dtype == dtype
        assert torch.isfinite(values).all()
        slopes = torch.autograd.grad(values.sum(), (real, fake), allow_unused=True)
        assert all(torch.isfinite(slope).all() for slope in slopes if slope is not None)


@pytest.mark.parametrize("name", NAMES)
def test_each_player_is_paid_for_doing_better(name):
    """At scores of 0.5, where every loss has slope."""
    loss = built(name)
    real = torch.full((4,), 0.5, dtype=torch.float64, requires_grad=True)
    fake = torch.full((4,), 0.5, dtype=torch.float64, requires_grad=True)
    by_real, by_fake = torch.autograd.grad(loss.discriminator(real, fake).sum(), (real, fake))
    assert (by_real < 0).all()
    assert (by_fake > 0).all()
    (by_fake,) = torch.autograd.grad(generator(loss, fake, real).sum(), fake)
    assert (by_fake < 0).all()
    (by_fake,) = torch.autograd.grad(loss.unrolled_generator(fake, real).sum(), fake)
    assert (by_fake < 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_slopes_agree_with_finite_differences(name):
    loss = built(name)
    torch.manual_seed(0)
    real, fake = (torch.randn(6, dtype=torch.float64, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(loss.discriminator, (real, fake))
    assert torch.autograd.gradcheck(lambda f, r: generator(loss, f, r), (fake, real))
    assert torch.autograd.gradgradcheck(loss.discriminator, (real, fake))


@pytest.mark.parametrize("name", NAMES)
def test_yaml_lists_exactly_the_arguments_and_their_defaults(name):
    parameters = LOSSES.parameters(name)
    config = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert config.pop("name") == name
    assert set(config) == set(parameters)
    LOSSES.build(name, **config)
    for key, value in config.items():
        default = parameters[key].default
        assert value == ({} if default is None and value == {} else default)


@pytest.mark.parametrize("name", NAMES)
def test_documents_itself(name):
    part = LOSSES[name]
    assert Path(inspect.getfile(part)).stem == name
    assert inspect.getdoc(part).splitlines()[0].endswith(".")
    assert "arXiv:" in inspect.getmodule(part).__doc__
    with pytest.raises(UserError, match="no parameter"):
        LOSSES.build(name, no_such_parameter=1)


def test_files_yamls_and_registry_agree():
    files = {path.stem for path in ROOT.glob("*.py")} - {"__init__", "base"}
    assert files == set(NAMES) == {path.stem for path in CONF.glob("*.yaml")}
