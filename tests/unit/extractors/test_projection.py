"""The random projection: distances are kept."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import ExtractorData, Pixels, Projection


def squared_distances(features):
    return torch.cdist(features, features, compute_mode="donot_use_mm_for_euclid_dist").square()


@pytest.mark.parametrize("dimensions", [64, 500])
def test_with_all_directions_it_is_a_rotation(digits, dimensions):
    extractor = Projection(digits, dimensions=dimensions)
    assert extractor.dimensions == 64
    images = digits.held_out_images[:50]
    expected = squared_distances(Pixels(digits).features(images))
    torch.testing.assert_close(
        squared_distances(extractor.features(images)), expected, rtol=1e-12, atol=1e-12
    )


def test_fewer_directions_keep_squared_distances_on_average(digits):
    images = digits.held_out_images[:40]
    expected = squared_distances(Pixels(digits).features(images)).mean()
    kept = [
        squared_distances(Projection(digits, dimensions=16, seed=seed).features(images)).mean()
        for seed in range(40)
    ]
    torch.testing.assert_close(torch.stack(kept).mean(), expected, rtol=0.05, atol=0.0)


def test_vectors_keep_their_units(ring):
    extractor = Projection(ring)
    assert extractor.dimensions == 2
    torch.testing.assert_close(
        extractor.features(ring.train_images).norm(dim=1), ring.train_images.double().norm(dim=1)
    )


def test_the_id_says_seed_and_width_and_another_seed_is_another_extractor(digits):
    first, again, other = (Projection(digits, dimensions=16, seed=seed) for seed in (3, 3, 4))
    assert first.id.startswith("projection-s3-ortho-16@")
    assert first.id == again.id
    assert first.id.split("@")[1] != other.id.split("@")[1]
    assert torch.equal(first.directions, again.directions)


def test_a_matrix_that_does_not_fit_is_refused_before_it_is_drawn():
    data = ExtractorData(torch.empty(1, 3, 2048, 2048, dtype=torch.uint8, device="meta"))
    with pytest.raises(UserError, match=r"extractor\.dimensions=21"):
        Projection(data)


@pytest.mark.parametrize("dimensions", [0, 2.0, True])
def test_a_bad_width_is_named(digits, dimensions):
    with pytest.raises(UserError, match=r"extractor\.dimensions"):
        Projection(digits, dimensions=dimensions)
