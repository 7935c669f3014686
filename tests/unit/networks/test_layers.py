"""Shared layers against their formulas."""

import pytest
import torch
from torch.nn import functional

from gan_zoo.draws import Draws, connect_draws
from gan_zoo.errors import UserError
from gan_zoo.networks import layers
from gan_zoo.recipe import Recipe


def test_class_vectors_are_one_hot() -> None:
    labels = torch.tensor([2, 0, 3])
    assert torch.equal(layers.class_vectors(labels, 4), functional.one_hot(labels, 4).float())


def test_class_vectors_without_classes_are_none_and_missing_labels_are_refused() -> None:
    assert layers.class_vectors(torch.tensor([1]), 0) is None
    with pytest.raises(UserError, match="10 classes: hand it labels"):
        layers.class_vectors(None, 10)


def test_class_vectors_read_nothing_back_to_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """`functional.one_hot` checks the largest label on the host; a comparison does not."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("one_hot reads the labels")

    monkeypatch.setattr(functional, "one_hot", refuse)
    labels = torch.zeros(4, dtype=torch.int64, device="meta")  # a read of a meta tensor raises as well
    assert layers.class_vectors(labels, 3).shape == (4, 3)


def test_class_maps_are_constant_and_last() -> None:
    images = torch.randn(2, 3, 4, 5)
    appended = layers.append_class_maps(images, torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    assert appended.shape == (2, 5, 4, 5)
    assert torch.equal(appended[:, :3], images)
    assert torch.equal(appended[0, 3:], torch.stack([torch.zeros(4, 5), torch.ones(4, 5)]))


def test_upsampling_repeats_pixels_and_downsampling_undoes_it() -> None:
    maps = torch.randn(2, 3, 4, 4)
    doubled = layers.Upsample()(maps)
    assert torch.equal(doubled, maps.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3))
    assert torch.allclose(layers.Downsample()(doubled), maps)


def test_maxout_is_the_largest_of_its_pieces() -> None:
    x = torch.tensor([[1.0, 5.0, -2.0, -7.0, -1.0, -3.0]])
    assert layers.Maxout(3)(x).tolist() == [[5.0, -1.0]]


def test_dropout_keeps_the_mean_and_drops_its_share() -> None:
    dropout = layers.Dropout(0.25)
    connect_draws(dropout, Draws(0), "discriminator")
    dropped = dropout(torch.ones(100, 1000))
    assert dropped.eq(0.0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)
    assert dropped.max().item() == pytest.approx(1.0 / 0.75)


def test_activation_noise_has_its_standard_deviation() -> None:
    noise = layers.ActivationNoise(0.2)
    connect_draws(noise, Draws(0), "discriminator")
    assert noise(torch.full((100, 1000), 3.0)).std().item() == pytest.approx(0.2, abs=0.005)


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.ActivationNoise(0.2)])
def test_stochastic_layers_follow_the_game_and_rest_in_eval(layer: torch.nn.Module) -> None:
    draws = Draws(3)
    connect_draws(layer, draws, "discriminator")
    x = torch.ones(4, 50)
    with draws.at("discriminator", 1):
        first, again = layer(x), layer(x)
    with draws.at("discriminator", 2):
        other = layer(x)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(layer.eval()(x), x)
    layer.train()


def test_latent_input_normalizes_the_latent_and_then_appends_the_class() -> None:
    recipe = Recipe("generator").with_added(latent=torch.nn.Tanh)
    latent = layers.LatentInput(recipe, latent_dim=3, classes=2)
    z, vectors = torch.randn(4, 3), torch.eye(2).repeat(2, 1)
    assert latent.width == 5
    assert torch.equal(latent(z, vectors), torch.cat([z.tanh(), vectors], dim=1))


def test_class_projection_is_an_inner_product() -> None:
    projection = layers.ClassProjection(Recipe("discriminator"), classes=3, width=5)
    table = projection.embedding.weight.T  # [classes, width]
    features, labels = torch.randn(4, 5), torch.tensor([0, 2, 1, 2])
    expected = torch.stack([features[i] @ table[label] for i, label in enumerate(labels)])
    assert torch.allclose(projection(features, functional.one_hot(labels, 3).float()), expected)
