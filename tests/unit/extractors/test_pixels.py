"""Pixels and coordinates."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import ExtractorData, Pixels


def test_pixels_become_shares_of_255(digits):
    features = Pixels(digits).features(digits.held_out_images)
    assert torch.equal(features, digits.held_out_images.flatten(1).double() / 255)
    assert features.max() <= 1


def test_small_images_have_an_id_without_data(digits):
    assert Pixels(digits).id.startswith("pixels-digits-8x8-64@")
    color = ExtractorData(torch.zeros(2, 3, 4, 6, dtype=torch.uint8), name="x")
    assert Pixels(color).id.startswith("pixels-x-3x4x6-72@")


def test_large_images_are_reduced_and_the_rule_is_recorded():
    half = torch.zeros(1, 1, 64, 48, dtype=torch.uint8)
    half[..., 32:, :] = 200
    extractor = Pixels(ExtractorData(half))
    features = extractor.features(half).view(32, 24)
    assert extractor.protocol()["resize"] == "bilinear, antialiased, to 32x24"
    assert features[:15].abs().max() == 0
    torch.testing.assert_close(features[17:], torch.full((15, 24), 200 / 255, dtype=torch.float64))
    torch.testing.assert_close(features.mean().item(), 100 / 255, rtol=1e-6, atol=0.0)
    assert Pixels(ExtractorData(half), largest_side=64).dimensions == 64 * 48


def test_vectors_are_their_own_features(ring):
    extractor = Pixels(ring)
    assert torch.equal(extractor.features(ring.train_images), ring.train_images.double())
    assert extractor.id.startswith("pixels-ring-2-2@")
    assert extractor.protocol()["value_range"] == "data units"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (torch.tensor([[1.0, float("nan")], [0.0, float("inf")]]), "2 of 4 coordinates are not finite"),
        (torch.zeros(3, 3), r"was built for vectors \[N, 2\]"),
        (torch.zeros(3, 2, dtype=torch.int64), r"was built for vectors \[N, 2\] of floats"),
    ],
)
def test_bad_vectors_are_refused(ring, values, message):
    with pytest.raises(UserError, match=message):
        Pixels(ring).features(values)


@pytest.mark.parametrize("side", [0, 1.5, True])
def test_a_bad_size_is_named(digits, side):
    with pytest.raises(UserError, match=r"extractor\.largest_side"):
        Pixels(digits, largest_side=side)
