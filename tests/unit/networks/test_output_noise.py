"""Noise of a generator's outputs: a part of the latent, of full dimension, with a gain that is learned."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.networks.mlp import MlpGenerator
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.equalized_lr import EqualizedLearningRate

RECIPE = Recipe("generator", activation="relu", initialization="he")


def make(recipe: Recipe = RECIPE, **options: float) -> MlpGenerator:
    torch.manual_seed(0)
    return MlpGenerator(recipe, (50,), 54, hidden=[16], **options)


def test_the_outputs_are_the_layers_plus_gain_times_noise_in_the_units_of_the_data() -> None:
    generator = make(output_noise=2.0, output_scale=10.0)
    z = torch.randn(8, 54)
    plain = generator.layers(generator.latent(z[:, :4], None), None)
    assert torch.allclose(generator(z), 10.0 * (plain + 0.2 * z[:, 4:]), atol=1e-5)


def test_samples_start_as_noise_of_full_dimension() -> None:
    samples = make(output_noise=1.0)(torch.randn(4000, 54))
    assert torch.allclose(samples.std(dim=0), torch.ones(50), atol=0.06)
    assert torch.linalg.eigvalsh(torch.cov(samples.T)).min() > 0.7


def test_gains_are_trained_one_per_output() -> None:
    generator = make(output_noise=1.0)
    goal = torch.linspace(0.2, 1.8, 50)
    optimizer = torch.optim.Adam(generator.parameters(), 3e-2)
    for _ in range(400):
        loss = (generator(torch.randn(256, 54)).square().mean(0) - goal.square()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.allclose(generator.noise.gain.abs(), goal, atol=0.25)


def test_the_same_latent_gives_the_same_sample() -> None:
    generator = make(output_noise=1.0).eval()
    assert torch.equal(generator.sample(3, seed=4), generator.sample(3, seed=4))


def test_an_equalized_last_layer_starts_near_zero_too() -> None:
    stabilized = EqualizedLearningRate().edit(RECIPE)
    generator = make(stabilized, output_noise=1.0)
    assert generator.layers(generator.latent(torch.randn(64, 4), None), None).abs().max() < 0.1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"output_noise": -1.0}, "output_noise=-1.0"),
        ({"output_scale": 0.0}, "output_scale=0.0"),
        ({"output_noise": 1.0, "latent": 50}, r"Type model\.latent_dim=58, or at least 51"),
    ],
)
def test_bad_numbers_are_refused(options: dict, expected: str) -> None:
    latent = options.pop("latent", 54)
    with pytest.raises(UserError, match=expected):
        MlpGenerator(RECIPE, (50,), latent, **options)
