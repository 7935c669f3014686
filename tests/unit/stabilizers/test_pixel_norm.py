"""Pixel normalization in closed form."""

import pytest
import torch

from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.pixel_norm import PixelNorm, PixelNormStabilizer
from gan_zoo.types import DISCRIMINATOR, GENERATOR


@pytest.mark.parametrize("shape", [(3, 8, 4, 5), (3, 8)])
def test_every_pixel_has_unit_mean_square(shape: tuple[int, ...]) -> None:
    x = 5.0 * torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    out = PixelNorm()(x)
    torch.testing.assert_close(out.square().mean(1), torch.ones_like(x[:, 0]), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(out, x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt())


def test_zero_stays_zero_with_a_finite_gradient() -> None:
    x = torch.zeros(2, 4, 2, 2, requires_grad=True)
    out = PixelNorm()(x)
    out.sum().backward()
    assert torch.equal(out, torch.zeros_like(x))
    assert x.grad.isfinite().all()


def test_half_precision_is_rounded_once() -> None:
    x = torch.randn(4, 512, 2, 2, generator=torch.Generator().manual_seed(0)).bfloat16()
    out = PixelNorm()(x)
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), PixelNorm()(x.double()), rtol=2**-8, atol=0.0)


def test_strides_stay() -> None:
    x = torch.randn(2, 8, 4, 4).contiguous(memory_format=torch.channels_last)
    assert PixelNorm()(x).stride() == x.stride()


def test_the_generator_gets_it_after_activations_and_on_latents() -> None:
    stabilizer = PixelNormStabilizer()
    assert stabilizer.edit(Recipe(DISCRIMINATOR)) == Recipe(DISCRIMINATOR)
    recipe = stabilizer.edit(Recipe(GENERATOR))
    hidden = recipe.hidden(recipe.conv(3, 4, 3), 4)
    assert isinstance(hidden[-1], PixelNorm)
    assert stabilizer.changed(hidden, GENERATOR)
    latents = recipe.latent_layers()(torch.randn(5, 16))
    torch.testing.assert_close(latents.norm(dim=1), torch.full((5,), 4.0))  # sqrt(latent size), not 1
