"""PGGAN: published parameter counts, exact fades, and which parameters a level trains."""

import math

import pytest
import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks.layers import downsample, upsample
from gan_zoo.networks.pggan import PgganDiscriminator, PgganGenerator, feature_maps
from gan_zoo.recipe import Recipe

GENERATOR = Recipe("generator", **PgganGenerator.default_recipe)
DISCRIMINATOR = Recipe("discriminator", **PgganDiscriminator.default_recipe)
SMALL = {"fmap_base": 64, "fmap_max": 8}


class OneMoreMap(nn.Module):
    """Stands for minibatch stddev, which adds one channel."""

    extra_channels = 1

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x.mean(1, keepdim=True)], dim=1)


WITH_STDDEV = DISCRIMINATOR.with_added(statistics=lambda channels, size: OneMoreMap())


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def small_pair(size: int = 16, classes: int = 0) -> tuple[PgganGenerator, PgganDiscriminator]:
    torch.manual_seed(0)
    return (
        PgganGenerator(GENERATOR, (3, size, size), 8, classes, **SMALL),
        PgganDiscriminator(DISCRIMINATOR, (3, size, size), classes, **SMALL),
    )


@pytest.mark.parametrize(
    ("size", "base", "most", "latent", "published"),
    [(32, 4096, 128, 128, 1.297e6), (1024, 8192, 512, 512, 23.08e6), (128, 2048, 512, 512, 13.63e6)],
)
def test_published_counts(size: int, base: int, most: int, latent: int, published: float) -> None:
    """Counts of G with every toRGB, and of D along the single path of the last level."""
    with torch.device("meta"):
        generator = PgganGenerator(GENERATOR, (3, size, size), latent, fmap_base=base, fmap_max=most)
        discriminator = PgganDiscriminator(WITH_STDDEV, (3, size, size), fmap_base=base, fmap_max=most)
    single_path = count(discriminator) - sum(count(layer) for layer in discriminator.from_rgb[:-1])
    assert count(generator) == pytest.approx(published, rel=5e-4)
    assert single_path == pytest.approx(published, rel=5e-4)


def test_feature_maps_follow_the_formula() -> None:
    assert feature_maps(9, 8192, 1.0, 512)[1:] == [512, 512, 512, 512, 256, 128, 64, 32, 16]
    assert feature_maps(4, 4096, 1.0, 128) == [128] * 5


def test_levels_run_at_their_true_resolution() -> None:
    generator, discriminator = small_pair()
    assert generator.levels == discriminator.levels == (4, 8, 16)
    for level, size in enumerate(generator.levels):
        images = generator(torch.randn(2, 8), level=level)
        assert images.shape == (2, 3, size, size)
        assert discriminator(images, level=level).score.shape == (2,)
    z = torch.randn(2, 8)
    assert torch.equal(generator(z), generator(z, level=2, fade=1.0))


@pytest.mark.parametrize("level", [1, 2])
def test_fade_zero_is_the_previous_level_exactly(level: int) -> None:
    generator, discriminator = small_pair()
    z = torch.randn(2, 8)
    assert torch.equal(generator(z, level=level, fade=0.0), upsample(generator(z, level=level - 1)))
    images = torch.randn(2, 3, generator.levels[level], generator.levels[level])
    faded = discriminator(images, level=level, fade=0.0).score
    assert torch.equal(faded, discriminator(downsample(images), level=level - 1).score)


@pytest.mark.parametrize("fade", [0.25, 0.75])
def test_fade_is_the_weight_of_the_new_path(fade: float) -> None:
    generator, discriminator = small_pair()
    z, images = torch.randn(2, 8), torch.randn(2, 3, 16, 16)
    new, old = generator(z, level=2), upsample(generator(z, level=1))
    assert torch.allclose(generator(z, level=2, fade=fade), fade * new + (1.0 - fade) * old, atol=1e-6)
    x_new = discriminator.blocks[2](discriminator.from_rgb[2](images))
    x_old = discriminator.from_rgb[1](downsample(images))
    mixed = discriminator.blocks[0](discriminator.blocks[1](fade * x_new + (1.0 - fade) * x_old)).flatten(1)
    expected = discriminator.score(mixed).squeeze(1)
    assert torch.allclose(discriminator(images, level=2, fade=fade).score, expected, atol=1e-5)


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("fade", [1.0, 0.5])
def test_exactly_the_active_parameters_get_gradients(level: int, fade: float) -> None:
    generator, discriminator = small_pair(classes=3)
    images = generator(torch.randn(4, 8), torch.tensor([0, 1, 2, 0]), level=level, fade=fade)
    output = discriminator(images, level=level, fade=fade)
    (output.score.sum() + output.heads["classes"].square().sum()).backward()
    paths = {level, level - 1} if fade < 1.0 and level > 0 else {level}  # fade 1 leaves the old path out
    for network, names in ((generator, "to_rgb"), (discriminator, "from_rgb")):
        for name, parameter in network.named_parameters():
            group, *rest = name.split(".")
            active = group not in (names, "blocks") or (
                int(rest[0]) in paths if group == names else int(rest[0]) <= level
            )
            assert (parameter.grad is not None) == active, name
            assert not active or parameter.grad.abs().sum() > 0.0, name


def test_gains_are_the_papers() -> None:
    """Gain sqrt(2) before LReLU, 1 for RGB and the outputs."""
    gains: dict[int, float] = {}

    def record(layer: nn.Module, gain: float) -> nn.Module:
        gains[id(layer)] = gain
        return layer

    generator = PgganGenerator(GENERATOR.with_added(weight=record), (3, 8, 8), 8, **SMALL)
    discriminator = PgganDiscriminator(DISCRIMINATOR.with_added(weight=record), (3, 8, 8), 2, **SMALL)
    ones = [*generator.to_rgb, discriminator.score, discriminator.class_logits]
    for network in (generator, discriminator):
        for module in network.modules():
            if hasattr(module, "weight"):
                assert gains[id(module)] == pytest.approx(1.0 if module in ones else math.sqrt(2.0))


def test_first_layer_starts_as_the_papers_dense_layer() -> None:
    generator = PgganGenerator(GENERATOR, (3, 8, 8), 256, fmap_base=512, fmap_max=128)
    first = next(module for module in generator.modules() if isinstance(module, nn.ConvTranspose2d))
    assert first.weight.std().item() == pytest.approx(math.sqrt(2.0) / 4.0 / math.sqrt(256), rel=0.02)
    assert first.bias.shape == (128,)


def test_rgb_output_is_linear() -> None:
    generator, _ = small_pair()
    with torch.no_grad():
        generator.to_rgb[-1].bias.fill_(5.0)
    assert generator(torch.randn(2, 8)).max() > 2.0


def test_class_head_and_concatenated_label() -> None:
    generator, discriminator = small_pair(classes=3)
    assert generator.latent.width == 8 + 3
    assert discriminator(torch.randn(2, 3, 16, 16)).heads["classes"].shape == (2, 3)


def test_statistics_come_before_the_last_block_at_4x4() -> None:
    sizes = []

    def record(channels: int, size: int) -> nn.Module:
        sizes.append((channels, size))
        return OneMoreMap()

    PgganDiscriminator(DISCRIMINATOR.with_added(statistics=record), (3, 16, 16), **SMALL)
    assert sizes == [(8, 4)]


@pytest.mark.parametrize(("level", "fade"), [(3, 1.0), (-1, 1.0), (1, 1.5), (1, -0.1)])
def test_impossible_stages_are_refused(level: int, fade: float) -> None:
    generator, discriminator = small_pair()
    with pytest.raises(UserError, match="levels are 0 to 2"):
        generator(torch.randn(2, 8), level=level, fade=fade)
    with pytest.raises(UserError, match="levels are 0 to 2"):
        discriminator(torch.randn(2, 3, 8, 8), level=level, fade=fade)


def test_wrong_resolution_is_refused() -> None:
    with pytest.raises(UserError, match="8x8"):
        small_pair()[1](torch.randn(2, 3, 16, 16), level=1)
