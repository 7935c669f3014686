"""AC-GAN's two tables, counted layer by layer, and the separate class head."""

import itertools

import pytest
import torch
from torch import nn

from gan_zoo.draws import Draws, connect_draws
from gan_zoo.networks.acgan import AcganDiscriminator, AcganGenerator
from gan_zoo.recipe import Recipe

GENERATOR = Recipe("generator", **AcganGenerator.default_recipe)
DISCRIMINATOR = Recipe("discriminator", "batch", initialization="normal_0.02")


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_cifar_generator() -> None:
    """Linear 384 at 4x4, transposed convolutions of 5x5: 192, 96, 3."""
    network = AcganGenerator(GENERATOR, (3, 32, 32), 100, 10, width=384)
    transposed = 25 * (384 * 192 + 192 * 96 + 96 * 3) + 2 * (192 + 96) + 3
    assert count(network) == 111 * 384 * 16 + transposed


def test_imagenet_generator() -> None:
    """Linear 768 at 8x8, transposed convolutions of 5x5: 384, 256, 192, 3."""
    network = AcganGenerator(GENERATOR, (3, 128, 128), 100, 10, width=768)
    transposed = 25 * (768 * 384 + 384 * 256 + 256 * 192 + 192 * 3) + 2 * (384 + 256 + 192) + 3
    assert count(network) == 111 * 768 * 64 + transposed


@pytest.mark.parametrize(("size", "last"), [(32, 4), (128, 16)])
def test_discriminator(size: int, last: int) -> None:
    """Convolutions of 3x3: 16, 32, 64, 128, 256, 512, then 1 + 10 numbers."""
    network = AcganDiscriminator(DISCRIMINATOR, (3, size, size), 10, width=16)
    widths = [3, 16, 32, 64, 128, 256, 512]
    convolutions = 9 * sum(a * b for a, b in itertools.pairwise(widths)) + 16
    assert count(network) == convolutions + 2 * sum(widths[2:]) + 11 * (512 * last**2 + 1)


@pytest.mark.parametrize(("size", "bottom"), [(16, 2), (32, 4), (64, 4), (128, 8)])
def test_every_size(size: int, bottom: int) -> None:
    generator = AcganGenerator(GENERATOR, (1, size, size), 8, 10, width=12).eval()
    images = generator(torch.randn(2, 8), torch.tensor([0, 9]))
    assert images.shape == (2, 1, size, size)
    assert next(m for m in generator.modules() if isinstance(m, nn.Unflatten)).unflattened_size[1] == bottom
    output = AcganDiscriminator(DISCRIMINATOR, (1, size, size), 10, width=2)(images)
    assert (output.score.shape, output.heads["classes"].shape) == ((2,), (2, 10))


def test_strides_alternate() -> None:
    network = AcganDiscriminator(DISCRIMINATOR, (1, 32, 32), 10, width=2)
    assert [module.stride[0] for module in network.modules() if isinstance(module, nn.Conv2d)] == [
        2,
        1,
        2,
        1,
        2,
        1,
    ]


def test_class_head_is_apart_from_the_score() -> None:
    network = AcganDiscriminator(DISCRIMINATOR, (1, 32, 32), 10, width=2, dropout=0.0)
    output = network(torch.randn(2, 1, 32, 32))
    (gradient,) = torch.autograd.grad(output.score.sum(), network.class_logits.weight, allow_unused=True)
    assert gradient is None
    assert AcganDiscriminator(DISCRIMINATOR, (1, 32, 32), width=2)(torch.randn(2, 1, 32, 32)).heads == {}


def test_dropout_and_noise_are_functions_of_the_games_position() -> None:
    network = AcganDiscriminator(DISCRIMINATOR, (1, 32, 32), 10, width=2, activation_noise=0.1)
    draws, x = Draws(0), torch.randn(2, 1, 32, 32)
    connect_draws(network, draws, "discriminator")
    scores = []
    for position in (1, 1, 2):
        with draws.at("discriminator", position):
            scores.append(network(x).score)
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])
