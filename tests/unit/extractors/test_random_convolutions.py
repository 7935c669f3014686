"""Random convolutions: standardized, fixed, and they tell content apart."""

from dataclasses import replace

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import ExtractorData, RandomConvolutions
from gan_zoo.extractors.random_convolutions import random_network


def test_features_of_the_training_split_are_standardized(digits):
    extractor = RandomConvolutions(digits)
    features = extractor.features(digits.train_images)
    torch.testing.assert_close(features.mean(0), torch.zeros(192, dtype=torch.float64), rtol=0, atol=1e-6)
    torch.testing.assert_close(features.std(0), torch.ones(192, dtype=torch.float64))
    assert extractor.protocol()["standardized"].endswith(f"over {len(digits.train_images)} training images")


def test_fakes_are_measured_by_the_reals_scale(digits):
    features = RandomConvolutions(digits).features(255 - digits.held_out_images)
    assert features.mean(0).abs().max() > 1


def test_networks_lie_side_by_side_and_differ(digits):
    three, one = RandomConvolutions(digits), RandomConvolutions(digits, networks=1)
    images = digits.held_out_images[:9]
    whole = three.features(images)
    assert torch.equal(whole[:, :64], one.features(images))
    assert (whole[:, :64] - whole[:, 64:128]).abs().mean() > 0.1


def test_the_id_depends_on_seed_and_on_the_data_that_standardize(digits):
    first = RandomConvolutions(digits)
    assert first.id.startswith("randconv-s0-std-192@")
    assert first.id == RandomConvolutions(digits).id
    digests = {first.id.split("@")[1]}
    digests.add(RandomConvolutions(digits, seed=1).id.split("@")[1])
    digests.add(RandomConvolutions(replace(digits, fingerprint="0" * 64)).id.split("@")[1])
    assert len(digests) == 3


def test_a_feature_that_never_moves_on_reals_stays_finite():
    flat = torch.full((6, 1, 8, 8), 7, dtype=torch.uint8)
    extractor = RandomConvolutions(ExtractorData(flat))
    assert torch.isfinite(extractor.features(255 - flat)).all()
    assert torch.equal(extractor.features(flat), torch.zeros(6, 192, dtype=torch.float64))


def test_nearest_neighbors_are_mostly_of_the_same_digit(digits):
    extractor = RandomConvolutions(digits)
    train, test = extractor.features(digits.train_images), extractor.features(digits.held_out_images)
    nearest = torch.cdist(test, train).argmin(1)
    accuracy = (digits.train_labels[nearest] == digits.held_out_labels).double().mean()
    assert accuracy > 0.93  # by chance .1, with pixels .98


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (5, 64), (28, 28), (64, 64), (33, 47)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_gives_64_numbers_per_network(size, channels):
    images = torch.randint(0, 256, (3, channels, *size), generator=torch.Generator().manual_seed(0))
    extractor = RandomConvolutions(ExtractorData(images.to(torch.uint8)), networks=2)
    assert extractor.features(images.to(torch.uint8)).shape == (3, 128)


def test_weights_are_he_normal():
    weight = random_network((3, 64, 64), 0, 0)[4].weight
    assert weight.shape == (64, 32, 3, 3)
    assert abs(weight.std().item() / (2 / (9 * 32)) ** 0.5 - 1) < 0.02


@pytest.mark.parametrize("options", [{"networks": 0}, {"networks": True}])
def test_a_bad_count_is_named(digits, options):
    with pytest.raises(UserError, match=r"extractor\.networks"):
        RandomConvolutions(digits, **options)


def test_one_image_is_too_few_to_standardize_by(digits):
    with pytest.raises(UserError, match="at least 2 training images, there are 1"):
        RandomConvolutions(replace(digits, train_images=digits.train_images[:1]))
