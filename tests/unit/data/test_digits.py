"""The digits: all of them, their rule of enlargement, their split."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits

from gan_zoo.data.digits import Digits, enlarge
from gan_zoo.errors import UserError


def test_all_1797_images_are_there_as_they_are_at_size_8():
    dataset = Digits(size=8, held_out=0.0).load()
    images, labels = load_digits(return_X_y=True)
    expected = torch.from_numpy(images).float().mul(255 / 16).round().to(torch.uint8).view(-1, 1, 8, 8)
    torch.testing.assert_close(dataset.train.values, expected)
    assert dataset.train.labels.tolist() == labels.tolist()
    assert len(dataset.train) == 1797


def test_the_default_is_32_pixels_and_ten_classes():
    dataset = Digits().load()
    assert dataset.spec.shape == (1, 32, 32)
    assert dataset.spec.class_names == tuple("0123456789")
    assert len(dataset.train) + len(dataset.held_out) == 1797
    assert 120 < len(dataset.held_out) < 240
    assert dataset.train.values.max() == 255
    assert dataset.train.values.min() == 0


def test_the_split_does_not_depend_on_size():
    small, large = (Digits(size=size).load() for size in (8, 16))
    assert small.train.labels.tolist() == large.train.labels.tolist()


def test_enlarging_is_bicubic_then_clamped():
    levels = torch.zeros(1, 1, 8, 8)
    levels[..., 3:5, 3:5] = 16.0
    image = Image.fromarray((levels[0, 0] * 255 / 16).numpy())
    expected = torch.from_numpy(np.array(image.resize((32, 32), Image.Resampling.BICUBIC)))
    assert expected.max() > 255  # bicubic overshoots, so clamping matters
    assert expected.min() < 0
    torch.testing.assert_close(
        enlarge(levels, 32)[0, 0].float(), expected.round().clamp(0, 255), rtol=0, atol=1
    )


@pytest.mark.parametrize("argument", [{"size": 3}, {"size": None}, {"held_out": 1}])
def test_bad_arguments_are_named(argument):
    with pytest.raises(UserError, match=f"data.{next(iter(argument))}"):
        Digits(**argument)
