"""DCGAN's layer tables, and MSGAN's conditional pair counted layer by layer."""

import pytest
import torch
from torch import nn

from gan_zoo.networks.dcgan import DcganDiscriminator, DcganGenerator, map_widths
from gan_zoo.recipe import Recipe

GENERATOR = Recipe("generator", **DcganGenerator.default_recipe)
DISCRIMINATOR = Recipe("discriminator", normalization="batch", **{
    key: value for key, value in DcganDiscriminator.default_recipe.items() if key != "normalization"
})  # fmt: skip


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_msgan_pair_layer_by_layer() -> None:
    """MSGAN's CIFAR-10 networks: kernels 4, G (100 + 10)-512-256-128-3, D (3 + 10)-128-256-512-1."""
    generator = DcganGenerator(GENERATOR, (3, 32, 32), 100, 10, width=128, conditioning="concat")
    discriminator = DcganDiscriminator(DISCRIMINATOR, (3, 32, 32), 10, width=128, conditioning="concat")
    norm = 2  # a scale and a shift per channel
    of_generator = 16 * (110 * 512 + 512 * 256 + 256 * 128 + 128 * 3) + norm * (512 + 256 + 128) + 3
    of_discriminator = 16 * (13 * 128 + 128 * 256 + 256 * 512 + 512) + 128 + norm * (256 + 512) + 1
    assert (count(generator), count(discriminator)) == (of_generator, of_discriminator)


@pytest.mark.parametrize(
    ("size", "widths"),
    [(16, [64, 128]), (32, [64, 128, 256]), (64, [64, 128, 256, 512]), (256, [64, 128, 256, 512, 512, 512])],
)
def test_widths_double_up_to_the_cap(size: int, widths: list[int]) -> None:
    assert map_widths(size, 64, 512) == widths


def test_first_and_last_layers_have_no_norm_and_normed_layers_no_bias() -> None:
    discriminator = DcganDiscriminator(DISCRIMINATOR, (3, 32, 32), width=8)
    convolutions = [module for module in discriminator.modules() if isinstance(module, nn.Conv2d)]
    norms = [module for module in discriminator.modules() if isinstance(module, nn.BatchNorm2d)]
    assert [conv.bias is not None for conv in convolutions] == [True, False, False, True]
    assert [norm.num_features for norm in norms] == [16, 32]


def test_group_norm_keeps_biases() -> None:
    discriminator = DcganDiscriminator(DISCRIMINATOR.edited(normalization="group"), (3, 32, 32), width=8)
    assert all(module.bias is not None for module in discriminator.modules() if isinstance(module, nn.Conv2d))


def test_weights_start_as_the_paper_says() -> None:
    generator = DcganGenerator(GENERATOR, (3, 32, 32), 64, width=64)
    for module in generator.modules():
        if isinstance(module, nn.ConvTranspose2d):
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.05)
        if isinstance(module, nn.BatchNorm2d):
            assert module.weight.mean().item() == pytest.approx(1.0, abs=0.02)
            assert 0.01 < module.weight.std().item() < 0.03


def test_projection_adds_the_inner_product_with_summed_features() -> None:
    network = DcganDiscriminator(DISCRIMINATOR, (1, 16, 16), 3, width=4, conditioning="projection").eval()
    x, labels = torch.randn(2, 1, 16, 16), torch.tensor([2, 1])
    output = network(x, labels)
    plain = network.score(output.features["hidden2"]).flatten()
    pooled = output.features["hidden2"].sum(dim=(2, 3))
    assert torch.allclose(
        output.score - plain, (pooled * network.projection.embedding.weight.T[labels]).sum(1), atol=1e-6
    )


def test_generator_ignores_labels_when_unconditional() -> None:
    network = DcganGenerator(GENERATOR, (1, 16, 16), 8, 10, width=4).eval()
    z = torch.randn(2, 8)
    assert network.classes == 0
    assert torch.equal(network(z, torch.tensor([1, 2])), network(z))


def test_sigmoid_output_says_that_it_is_a_probability() -> None:
    network = DcganDiscriminator(DISCRIMINATOR, (1, 16, 16), width=4, output="sigmoid")
    score = network(torch.randn(4, 1, 16, 16)).score
    assert network.score_kind == "probability"
    assert ((score > 0.0) & (score < 1.0)).all()
