"""The trained classifier: as good as it says, the same twice, and refused where it makes no sense."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gan_zoo.data.load import load_dataset
from gan_zoo.errors import UserError
from gan_zoo.extractors import Classifier, ExtractorData


def trained(digits, tmp_path, **options):
    return Classifier(digits, cache_dir=tmp_path, progress=False, **options)


def test_it_knows_digits_after_a_few_seconds_and_says_how_well(digits, tmp_path):
    extractor = trained(digits, tmp_path)
    assert extractor.test_accuracy > 0.97
    guesses = extractor.probabilities(digits.held_out_images).argmax(1)
    measured = (guesses == digits.held_out_labels).double().mean().item()
    assert measured == pytest.approx(extractor.test_accuracy)
    assert extractor.protocol()["test_accuracy"] == extractor.test_accuracy
    assert extractor.protocol()["test_images"] == len(digits.held_out_images)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_it_is_right_on_99_percent_of_mnist(tmp_path):
    root = os.environ.get("GAN_ZOO_DATA", "")
    if not (Path(root) / "MNIST").is_dir():
        pytest.skip("GAN_ZOO_DATA names no folder with MNIST")
    mnist = load_dataset({"name": "mnist", "root": root, "size": 32, "download": False})
    train, held_out = mnist.train, mnist.held_out
    data = ExtractorData(
        train.values, train.labels, held_out.values, held_out.labels, 10, mnist.fingerprint, "mnist"
    )
    assert len(held_out.values) >= 10_000
    assert trained(data, tmp_path).test_accuracy >= 0.99


def test_the_protocol_records_seed_epochs_hash_and_recipe(digits, tmp_path):
    extractor = trained(digits, tmp_path, seed=4, epochs=1)
    protocol = extractor.protocol()
    assert extractor.id == f"cls-digits-penult-128@{protocol['sha256'][:8]}"
    assert (protocol["seed"], protocol["classes"], protocol["dimensions"]) == (4, 10, 128)
    assert protocol["epochs"] == pytest.approx(1, abs=0.05)
    assert protocol["recipe"]["learning_rate"] > 0


def test_training_twice_gives_the_same_bits_and_another_seed_does_not(digits, tmp_path):
    first, again = (trained(digits, tmp_path / name, epochs=1) for name in ("a", "b"))
    assert first.sha256 == again.sha256
    other = trained(digits, tmp_path / "a", epochs=1, seed=1)
    assert other.sha256 != first.sha256


def test_the_contexts_around_do_not_change_the_weights(digits, tmp_path):
    expected = trained(digits, tmp_path / "a", epochs=1).sha256
    torch.manual_seed(9)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert trained(digits, tmp_path / "b", epochs=1).sha256 == expected


def test_features_are_the_layer_below_the_logits(digits, tmp_path):
    extractor = trained(digits, tmp_path, epochs=1)
    images = digits.held_out_images[:20]
    last = extractor.network.network.classes
    logits = extractor.features(images).float() @ last.weight.T + last.bias
    torch.testing.assert_close(
        torch.softmax(logits.double(), 1), extractor.probabilities(images), rtol=1e-4, atol=1e-6
    )
    assert extractor.features(images).min() >= 0


def test_memory_mapped_training_images_will_do(digits, tmp_path):
    path = tmp_path / "images"
    path.write_bytes(digits.train_images.numpy().tobytes())
    shape = digits.train_images.shape
    mapped = torch.from_file(str(path), size=shape.numel(), dtype=torch.uint8).view(shape)
    expected = trained(digits, tmp_path / "a", epochs=1).sha256
    assert trained(replace(digits, train_images=mapped), tmp_path / "b", epochs=1).sha256 == expected


@pytest.mark.parametrize("shape", [(3, 4, 4), (1, 5, 9), (3, 40, 24), (2, 8, 100)])
def test_any_size_from_4_pixels_and_any_number_of_channels(shape, tmp_path):
    images = torch.randint(0, 256, (12, *shape), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    labels = torch.arange(12) % 2
    images[labels == 1, :, : shape[1] // 2] = 255
    data = ExtractorData(images, labels, images, labels, 2, "f")
    extractor = trained(data, tmp_path, epochs=50)
    assert extractor.features(images).shape == (12, 128)
    assert extractor.test_accuracy == 1.0


def test_without_held_out_images_there_is_no_test_accuracy(digits, tmp_path):
    alone = replace(digits, held_out_images=digits.held_out_images[:0], held_out_labels=None)
    assert trained(alone, tmp_path, epochs=1).test_accuracy is None
    assert trained(replace(digits, held_out_labels=None), tmp_path, epochs=1).test_accuracy is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"train_labels": None},
            "'digits' has none. Type extractor=random_convolutions, extractor=projection",
        ),
        ({"classes": 0}, "at least 2 classes apart, 'digits' has 0. Type extractor=random_convolutions"),
        ({"classes": 1}, "at least 2 classes apart"),
        ({"classes": 5}, r"Labels of training images lie in 0\.\.9; 5 classes are 0\.\.4"),
        ({"train_labels": torch.zeros(3, dtype=torch.int64)}, "one for each of 1200 training images"),
        ({"held_out_labels": torch.zeros(3, dtype=torch.int64)}, "held-out images; got torch.int64 of shape"),
        ({"classes": 400}, "at least 5 training images per class: 2000 for 400 classes, there are 1"),
    ],
)
def test_data_that_cannot_train_a_classifier_are_refused(digits, tmp_path, changes, message):
    message = message.replace("1200", str(len(digits.train_images)))
    with pytest.raises(UserError, match=message):
        trained(replace(digits, **changes), tmp_path, epochs=1)
    assert not list(tmp_path.iterdir())


def test_labels_that_are_no_whole_numbers_and_tiny_images_are_refused(digits, tmp_path):
    with pytest.raises(UserError, match="whole numbers"):
        trained(replace(digits, train_labels=digits.train_labels.float()), tmp_path)
    small = replace(digits, train_images=digits.train_images[..., :3])
    with pytest.raises(UserError, match="at least 4 pixels a side, these are 8x3"):
        trained(small, tmp_path)


@pytest.mark.parametrize("options", [{"epochs": 0}, {"epochs": True}, {"seed": 1.5}, {"seed": "a"}])
def test_bad_options_are_named(digits, tmp_path, options):
    with pytest.raises(UserError, match=f"extractor.{next(iter(options))}="):
        trained(digits, tmp_path, **options)


def test_the_number_of_threads_does_not_change_the_weights(digits, tmp_path):
    before = torch.get_num_threads()
    try:
        digests = set()
        for threads in (1, 2):
            torch.set_num_threads(threads)
            digests.add(trained(digits, tmp_path / str(threads), epochs=2).sha256)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert len(digests) == 1
