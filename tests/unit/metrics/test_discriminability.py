"""Discriminability: plain accuracy at full size, what detail is worth, bad input."""

import sys

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import discriminability
from gan_zoo.metrics.functional.discriminability import at_resolution, usual_resolutions

SIZE = 32


def textures(count):
    """Return images of class 0, plain, and class 1, a fine chessboard of the same mean, and their labels."""
    labels = torch.arange(count) % 2
    rows = torch.arange(SIZE)
    board = ((rows[:, None] + rows) % 2).float() * 2.0 - 1.0
    noise = 20.0 * torch.randn(count, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    images = 128.0 + 60.0 * labels.view(-1, 1, 1, 1) * board + noise
    return images.clamp(0, 255).byte(), labels


def by_contrast(images):
    assert images.dtype == torch.uint8
    contrast = images.float().flatten(1).std(1)
    return torch.stack([40.0 - contrast, contrast - 40.0], 1)


def test_full_resolution_is_plain_accuracy_and_detail_is_needed():
    images, labels = textures(40)
    found = discriminability(images, labels, by_contrast, [4, 8, 16, 32])
    assert list(found) == [4, 8, 16, 32]
    assert found[32] == (by_contrast(images).argmax(1) == labels).double().mean().item() == 1.0
    assert found[16] == found[4] == 0.5  # half the classes look plain
    assert list(found.values()) == sorted(found.values())


def test_wrong_labels_cost_accuracy():
    images, labels = textures(40)
    labels[:10] = 1 - labels[:10]
    assert discriminability(images, labels, by_contrast, [32]) == {32: 0.75}


def test_order_and_batches_do_not_matter(monkeypatch):
    images, labels = textures(30)
    whole = discriminability(images, labels, by_contrast)
    monkeypatch.setattr(sys.modules["gan_zoo.metrics.functional.discriminability"], "BATCH", 7)
    assert discriminability(images.flip(0), labels.flip(0), by_contrast) == whole


def test_resizing():
    images = textures(3)[0]
    assert at_resolution(images, SIZE) is images
    assert at_resolution(images[:, :, :, :20], 8).shape == (3, 1, SIZE, 20)
    lines = torch.zeros(1, 1, SIZE, SIZE, dtype=torch.uint8)
    lines[..., ::4] = 200
    assert at_resolution(lines, 8).float().sub(50.0).abs().max() < 15.0  # without antialiasing they vanish
    flat = torch.full((1, 1, SIZE, SIZE), 200, dtype=torch.uint8)
    assert torch.equal(at_resolution(flat, 5), flat)


def test_usual_resolutions():
    assert usual_resolutions(64) == (16, 32, 64)
    assert usual_resolutions(100) == (16, 32, 64, 100)
    assert usual_resolutions(32) == (16, 32)


@pytest.mark.parametrize(
    ("labels", "resolutions", "message"),
    [
        (None, None, "no labels"),
        (torch.zeros(3), None, "one for each of 4"),
        (torch.zeros(4), [64], r"heights in 1\.\.32"),
        (torch.zeros(4), [], "got "),
    ],
)
def test_refuses_bad_input(labels, resolutions, message):
    with pytest.raises(UserError, match=message):
        discriminability(textures(4)[0], labels, by_contrast, resolutions)
