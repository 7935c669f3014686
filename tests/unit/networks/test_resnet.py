"""SNGAN's residual pair: sizes, blocks, and the shortcuts that were moved to the smaller map."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from gan_zoo.networks.layers import downsample, upsample
from gan_zoo.networks.residual import DownBlock, FirstDownBlock, UpBlock
from gan_zoo.networks.resnet import ResnetDiscriminator, ResnetGenerator
from gan_zoo.recipe import Recipe

GENERATOR = Recipe("generator", **ResnetGenerator.default_recipe)
DISCRIMINATOR = Recipe("discriminator", **ResnetDiscriminator.default_recipe)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def conv(inputs: int, outputs: int, kernel: int = 3) -> int:
    return inputs * outputs * kernel**2 + outputs


def test_cifar_pair_layer_by_layer() -> None:
    """SNGAN at 32 px: G 4x4x256 and three doubling blocks of 256; D four blocks of 128, two halving."""
    generator = ResnetGenerator(GENERATOR, (3, 32, 32), 128, width=256)
    up = (
        2 * 2 * 256 + conv(256, 256) - 256 + conv(256, 256) + conv(256, 256, 1)
    )  # no bias before a batch norm
    assert count(generator) == 129 * 4096 + 3 * up + 2 * 256 + conv(256, 3)
    discriminator = ResnetDiscriminator(DISCRIMINATOR, (3, 32, 32), width=128)
    first = conv(3, 128) + conv(128, 128) + conv(3, 128, 1)
    blocks = 3 * 2 * conv(128, 128) + conv(
        128, 128, 1
    )  # only the second halves and so has a learned shortcut
    assert count(discriminator) == first + blocks + 129


@pytest.mark.parametrize(("size", "blocks", "last_map"), [(32, 4, 8), (48, 5, 3), (64, 5, 2), (128, 6, 4)])
def test_sizes_of_every_table(size: int, blocks: int, last_map: int) -> None:
    generator = ResnetGenerator(GENERATOR, (3, size, size), 8, width=2).eval()
    discriminator = ResnetDiscriminator(DISCRIMINATOR, (3, size, size), width=2)
    images = generator(torch.randn(2, 8))
    features = discriminator(images).features
    assert images.shape == (2, 3, size, size)
    assert list(features) == [*(f"block{number}" for number in range(1, blocks + 1)), "pooled"]
    assert features[f"block{blocks}"].shape[2:] == (last_map, last_map)


def test_wide_tables_have_the_papers_channels() -> None:
    discriminator = ResnetDiscriminator(DISCRIMINATOR, (3, 128, 128), width=1)
    features = discriminator(torch.randn(1, 3, 128, 128)).features
    assert [features[f"block{n}"].shape[1] for n in range(1, 7)] == [1, 2, 4, 8, 16, 16]
    generator = ResnetGenerator(GENERATOR, (3, 128, 128), 8, width=1)
    assert [block.shortcut.in_channels for block in generator.blocks] == [
        16, 16, 8, 4, 2,
    ]  # fmt: skip


def test_shortcuts_equal_the_papers_order_of_operations() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    up = UpBlock(GENERATOR, 3, 5).double().eval()
    residual = up.after(up.between(upsample(up.before(x))))
    assert torch.allclose(up(x), residual + up.shortcut(upsample(x)))
    down = DownBlock(DISCRIMINATOR, 3, 5, halves=True).double()
    hidden = functional.relu(down.between(functional.relu(x)))
    assert torch.allclose(down(x), downsample(down.after(hidden)) + downsample(down.shortcut(x)))


def test_first_block_does_not_activate_the_image() -> None:
    block = FirstDownBlock(DISCRIMINATOR, 1, 4).double()
    x = torch.randn(2, 1, 8, 8, dtype=torch.float64)
    hidden = functional.relu(block.before[0](x))
    assert torch.allclose(block(x), downsample(block.after(hidden)) + downsample(block.shortcut(x)))


def test_identity_shortcut_where_nothing_changes() -> None:
    assert isinstance(DownBlock(DISCRIMINATOR, 4, 4, halves=False).shortcut, nn.Identity)
    assert isinstance(DownBlock(DISCRIMINATOR, 4, 8, halves=False).shortcut, nn.Conv2d)


def test_residual_convolutions_start_wider_than_shortcuts() -> None:
    """SNGAN's code draws them by Xavier's rule with gain sqrt(2), shortcuts and the rest with gain 1."""
    block = DownBlock(DISCRIMINATOR, 64, 64, halves=True)
    for layer, gain in ((block.after, 2.0**0.5), (block.shortcut, 1.0)):
        bound = gain * (6.0 / (2 * layer.weight[0].numel())) ** 0.5
        assert layer.weight.abs().max().item() == pytest.approx(bound, rel=0.02)


@pytest.mark.parametrize("pooling", ["sum", "mean"])
def test_projection_score_is_the_formula(pooling: str) -> None:
    """Equation 3 of arXiv:1802.05637: score = psi(phi(x)) + y^T V phi(x)."""
    network = ResnetDiscriminator(
        DISCRIMINATOR, (1, 32, 32), 3, width=4, conditioning="projection", pooling=pooling
    )
    x, labels = torch.randn(4, 1, 32, 32), torch.tensor([0, 1, 2, 1])
    output = network(x, labels)
    maps = functional.relu(output.features["block4"])
    phi = maps.sum(dim=(2, 3)) if pooling == "sum" else maps.mean(dim=(2, 3))
    expected = network.score(phi).squeeze(1) + (network.projection.embedding.weight.T[labels] * phi).sum(1)
    assert torch.allclose(output.score, expected, atol=1e-6)
