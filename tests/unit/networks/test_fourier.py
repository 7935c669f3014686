"""Random Fourier features: the formula, reproducibility, and that narrow modes are learned sooner."""

import math

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.networks.fourier import FourierFeatures
from gan_zoo.networks.mlp import MlpDiscriminator
from gan_zoo.recipe import Recipe


def test_the_sample_its_sines_and_cosines():
    torch.manual_seed(0)
    layer = FourierFeatures(3, 5, 2.0)
    x = torch.randn(4, 3)
    angles = torch.einsum("bd,df->bf", x, layer.frequencies)
    assert torch.allclose(layer(x), torch.cat([x, torch.sin(angles), torch.cos(angles)], 1))


def test_frequencies_have_the_scale_asked_for():
    torch.manual_seed(0)
    frequencies = FourierFeatures(2, 20_000, 6.0).frequencies
    assert abs(frequencies.std().item() / (6.0 * math.pi) - 1.0) < 0.02
    assert abs(frequencies.mean().item()) < 0.02 * 6.0 * math.pi * 2.0


def test_frequencies_are_state_and_not_trained():
    network = MlpDiscriminator(Recipe("discriminator"), (2,), hidden=[8], fourier_features=4)
    assert "view.frequencies" in network.state_dict()
    assert "view.frequencies" not in dict(network.named_parameters())
    assert network.layers[0][0].in_features == 2 + 2 * 4


def test_without_features_nothing_changes():
    torch.manual_seed(0)
    plain = MlpDiscriminator(Recipe("discriminator"), (2,), hidden=[8])
    torch.manual_seed(0)
    same = MlpDiscriminator(Recipe("discriminator"), (2,), hidden=[8], fourier_features=0, fourier_scale=3.0)
    x = torch.randn(5, 2)
    assert torch.equal(plain(x).score, same(x).score)


def test_high_frequencies_are_learned_sooner():
    def loss(features: int) -> float:
        torch.manual_seed(0)
        network = MlpDiscriminator(
            Recipe("discriminator"), (1,), hidden=[32], fourier_features=features, fourier_scale=8.0
        )
        x = torch.linspace(-1.0, 1.0, 128)[:, None]
        optimizer = torch.optim.Adam(network.parameters(), 1e-2)
        for _ in range(150):
            error = (network(x).score - torch.sin(8.0 * math.pi * x[:, 0])).square().mean()
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
        return error.item()

    assert loss(32) < 0.2 * loss(0)


@pytest.mark.parametrize(
    "options", [{"fourier_features": -1}, {"fourier_features": 2.5}, {"fourier_scale": 0.0}]
)
def test_bad_numbers_are_refused(options):
    with pytest.raises(UserError, match=next(iter(options))):
        MlpDiscriminator(Recipe("discriminator"), (2,), **options)
