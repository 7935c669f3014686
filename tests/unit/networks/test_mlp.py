"""Fully connected networks: sizes, options, and PacGAN's published parameter counts."""

import pytest
import torch
from torch import nn

from gan_zoo.networks.mlp import MlpDiscriminator, MlpGenerator
from gan_zoo.recipe import Recipe


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_pacgan_counts() -> None:
    """PacGAN (arXiv:1712.04086), 2-D experiments: G .485 M and D .405 M parameters."""
    recipe = Recipe("generator", normalization="batch", activation="relu", initialization="normal_0.02")
    generator = MlpGenerator(recipe, (2,), 2, hidden=[400] * 4, bias=False)
    discriminator = MlpDiscriminator(Recipe("discriminator"), (2,), hidden=[200] * 3, maxout=5)
    assert count(generator) == 2 * 400 + 3 * 400 * 400 + 4 * 2 * 400 + 400 * 2 + 2 == 484_802
    assert count(discriminator) == (2 + 1) * 1000 + 2 * (200 + 1) * 1000 + 201 == 405_201


def test_outputs_are_linear_for_vectors_and_bounded_for_images() -> None:
    recipe = Recipe("generator", initialization="orthogonal_1.4")
    z = 100.0 * torch.randn(64, 4)
    assert MlpGenerator(recipe, (2,), 4)(z).abs().max() > 1.0
    images = MlpGenerator(recipe, (3, 5, 7), 4)(z)
    assert images.shape == (64, 3, 5, 7)
    assert images.abs().max() <= 1.0


def test_input_scale_divides_the_input() -> None:
    scaled = MlpDiscriminator(Recipe("discriminator"), (2,), input_scale=4.0)
    plain = MlpDiscriminator(Recipe("discriminator"), (2,))
    plain.load_state_dict(scaled.state_dict())
    x = torch.randn(8, 2)
    assert torch.equal(scaled(x).score, plain(x / 4.0).score)


def test_no_hidden_layers_make_a_linear_critic() -> None:
    critic = MlpDiscriminator(Recipe("discriminator"), (3,), hidden=[])
    x = torch.randn(8, 3)
    assert torch.allclose(critic(x).score, x @ critic.score.weight[0] + critic.score.bias)


def test_maxout_layer_is_the_largest_of_its_linear_functions() -> None:
    network = MlpDiscriminator(Recipe("discriminator", activation="relu"), (2,), hidden=[3], maxout=5)
    linear = next(module for module in network.modules() if isinstance(module, nn.Linear))
    x = torch.randn(8, 2)
    expected = linear(x).reshape(8, 3, 5).amax(dim=2)
    assert torch.equal(network(x).features["hidden1"], expected)


def test_sigmoid_output_says_that_it_is_a_probability() -> None:
    logit = MlpDiscriminator(Recipe("discriminator"), (2,))
    probability = MlpDiscriminator(Recipe("discriminator"), (2,), output="sigmoid")
    probability.load_state_dict(logit.state_dict())
    x = torch.randn(8, 2)
    assert (logit.score_kind, probability.score_kind) == ("logit", "probability")
    assert torch.allclose(probability(x).score, logit(x).score.sigmoid())


@pytest.mark.parametrize("conditioning", ["concat", "projection"])
def test_discriminator_depends_on_the_label(conditioning: str) -> None:
    network = MlpDiscriminator(Recipe("discriminator"), (2,), 3, conditioning=conditioning)
    x = torch.randn(1, 2).expand(3, 2)
    assert len(network(x, torch.arange(3)).score.unique()) == 3


def test_hidden_biases_are_optional() -> None:
    network = MlpDiscriminator(Recipe("discriminator"), (2,), hidden=[8, 8], bias=False)
    assert [name for name, _ in network.named_parameters() if name.endswith("bias")] == ["score.bias"]
