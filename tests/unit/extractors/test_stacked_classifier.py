"""Stacks: each channel on its own, and all combinations."""

from dataclasses import replace

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import Classifier, ExtractorData, StackedClassifier


@pytest.fixture(scope="module")
def single(digits, tmp_path_factory):
    """A classifier of grey digits."""
    return Classifier(digits, cache_dir=tmp_path_factory.mktemp("single"), progress=False, epochs=8)


def stack_of(images):
    """Return stacks whose channels are consecutive images."""
    return images[: len(images) // 3 * 3, 0].unflatten(0, (-1, 3))


def test_around_a_trained_classifier_channels_are_seen_one_by_one(digits, single):
    images = stack_of(digits.held_out_images)[:50]
    extractor = StackedClassifier(ExtractorData(images), classifier=single)
    for channel in range(3):
        grey = images[:, channel : channel + 1]
        features = extractor.features(images)[:, 128 * channel : 128 * (channel + 1)]
        torch.testing.assert_close(features, single.features(grey), rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(
            extractor.channel_probabilities(images)[:, channel],
            single.probabilities(grey),
            rtol=1e-5,
            atol=1e-7,
        )


def test_combinations_have_the_product_of_their_digits_probabilities(digits, single):
    images = stack_of(digits.held_out_images)[:20]
    extractor = StackedClassifier(ExtractorData(images), classifier=single)
    assert (extractor.classes, extractor.dimensions) == (1000, 384)
    each, joint = extractor.channel_probabilities(images), extractor.probabilities(images)
    assert each.shape == (20, 3, 10)
    assert joint.shape == (20, 1000)
    for label in (0, 7, 123, 999):
        a, b, c = label // 100, label // 10 % 10, label % 10
        torch.testing.assert_close(
            joint[:, label], each[:, 0, a] * each[:, 1, b] * each[:, 2, c], rtol=1e-4, atol=1e-9
        )
    digits_seen = each.argmax(2) @ torch.tensor([100, 10, 1])
    assert torch.equal(joint.argmax(1), digits_seen)


def test_it_trains_itself_on_the_channels_of_labeled_stacks(stacks, tmp_path):
    extractor = StackedClassifier(stacks, cache_dir=tmp_path, progress=False)
    guesses = extractor.probabilities(stacks.held_out_images).argmax(1)
    assert extractor.classes == 64
    assert (guesses == stacks.held_out_labels).double().mean() > 0.9
    assert extractor.single.test_accuracy > 0.97
    assert extractor.id == f"stackedcls-stacked_digits-penult-384@{extractor.single.sha256[:8]}"
    protocol = extractor.protocol()
    assert protocol["id"] == extractor.id
    assert protocol["test_accuracy"] == extractor.single.test_accuracy
    assert protocol["train_images"] == 600


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_labels": None}, "is trained on labels, and the data set 'stacked_digits' has none"),
        ({"classes": 65}, "65 classes are not combinations of the same classes in 3 channels"),
    ],
)
def test_stacks_without_fitting_labels_are_refused(stacks, tmp_path, changes, message):
    with pytest.raises(UserError, match=message):
        StackedClassifier(replace(stacks, **changes), cache_dir=tmp_path)


def test_a_classifier_of_another_size_is_refused(single):
    data = ExtractorData(torch.zeros(2, 3, 9, 9, dtype=torch.uint8))
    with pytest.raises(UserError, match="trained on 1x8x8 images, the channels are 1x9x9"):
        StackedClassifier(data, classifier=single)


def test_grey_images_are_refused_by_channel_probabilities_too(digits, single):
    extractor = StackedClassifier(ExtractorData(stack_of(digits.held_out_images)), classifier=single)
    with pytest.raises(UserError, match="Grey against color"):
        extractor.channel_probabilities(digits.held_out_images)
