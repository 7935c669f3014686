"""Copies and empty classes: found, told with an example, and never a reason to stop."""

import shutil

import numpy as np
import pytest
import torch

from gan_zoo.data.copies import class_notes, copy_notes, pixel_number
from gan_zoo.data.folder import Folder
from gan_zoo.data.npz import Npz
from tests.unit.data import fakes


def notes(root, **arguments):
    return Folder(path=str(root), **{"held_out": 0.0, **arguments}).load().notes


def test_no_copies_no_notes(tmp_path):
    assert notes(fakes.folder(tmp_path, ["a/0.png", "b/1.png", "b/2.png"])) == ()


def test_copies_are_counted_and_one_is_named(tmp_path):
    fakes.folder(tmp_path, ["0.png", "1.png", "2.png"])
    for name in ("copy.png", "more.png"):
        shutil.copy(tmp_path / "1.png", tmp_path / name)
    (note,) = notes(tmp_path)
    assert note == "data=folder: 2 of 5 training images are copies of others (copy.png is 1.png)."


def test_copies_with_another_label_are_counted(tmp_path):
    fakes.folder(tmp_path, ["a/0.png", "a/1.png", "b/2.png"])
    shutil.copy(tmp_path / "a" / "0.png", tmp_path / "b" / "0.png")
    shutil.copy(tmp_path / "a" / "0.png", tmp_path / "a" / "9.png")
    (note,) = notes(tmp_path)
    assert (
        "2 of 5 training images are copies of others (a/9.png is a/0.png); 1 of them have another label"
        in note
    )


def test_the_same_pixels_in_another_file_are_a_copy(tmp_path):
    fakes.folder(tmp_path, ["0.png", "1.png"])
    fakes.write(tmp_path / "same.bmp", fakes.encoded(fakes.pixels(0), "BMP"))
    (note,) = notes(tmp_path)
    assert "same.bmp is 0.png" in note


def test_images_in_both_splits_are_counted(tmp_path):
    fakes.folder(tmp_path, ["train/0.png", "train/1.png", "test/2.png", "test/3.png"])
    assert notes(tmp_path) == ()
    shutil.copy(tmp_path / "train" / "0.png", tmp_path / "test" / "old.png")
    (note,) = notes(tmp_path)
    assert "1 of 3 held-out images are training images, too (test/old.png is train/0.png)" in note


@pytest.mark.parametrize("held_out", [0.1, 0.5, 0.9])
def test_equal_files_never_leak(tmp_path, held_out):
    fakes.folder(tmp_path, [f"{index}.png" for index in range(30)])
    for index in range(30):
        shutil.copy(tmp_path / f"{index}.png", tmp_path / f"copy {index}.png")
    found = notes(tmp_path, held_out=held_out)
    assert not any("too" in note for note in found)


def test_held_out_copies_alone_are_no_matter(tmp_path):
    fakes.folder(tmp_path, ["train/0.png", "test/2.png"])
    shutil.copy(tmp_path / "test" / "2.png", tmp_path / "test" / "3.png")
    assert notes(tmp_path) == ()


def test_many_images_against_counting_by_hand():
    random = np.random.default_rng(0)
    numbers = random.integers(0, 300, 1000).astype(np.uint64)
    sides = random.integers(0, 3, 1000).astype(np.uint8)
    train, held_out = ([int(n) for n, s in zip(numbers, sides, strict=True) if s == side] for side in (1, 2))
    names = [str(index) for index in range(1000)]
    copies, leaks = copy_notes(names, [0] * 1000, numbers, sides)
    assert copies.startswith(f"{len(train) - len(set(train))} of {len(train)} training")
    assert leaks.startswith(f"{sum(n in set(train) for n in held_out)} of {len(held_out)} held-out")
    assert copy_notes(names, [0] * 1000, numbers, np.zeros(1000, dtype=np.uint8)) == []
    assert copy_notes(names, [0] * 1000, numbers, np.full(1000, 2, dtype=np.uint8)) == []


def test_equal_pixels_have_equal_numbers():
    image = fakes.pixels(0).transpose(2, 0, 1)
    assert pixel_number(image) == pixel_number(np.ascontiguousarray(image))
    assert pixel_number(image) != pixel_number(image[:, ::-1])


def test_classes_without_images_are_named(tmp_path):
    images = np.stack([fakes.pixels(index) for index in range(4)])
    np.savez(tmp_path / "x.npz", images=images, labels=np.array([1, 2, 4, 4]))
    dataset = Npz(path=str(tmp_path / "x.npz"), held_out=0.0).load()
    assert dataset.spec.classes == 5
    assert "2 of 5 classes have no training image: 0, 3; conditional models cannot learn" in dataset.notes[0]


def test_what_is_said_of_classes():
    labels = torch.tensor([0, 0, 2])
    assert class_notes(labels, torch.tensor([0]), ("a", "b", "c"), own_split=False) == [
        "1 of 3 classes have no training image: b; conditional models cannot learn what they never see"
    ]
    both = class_notes(labels, torch.tensor([0]), ("a", "b", "c"), own_split=True)
    assert both[1] == "2 of 3 classes have no held-out image: b, c"
    assert class_notes(None, None, (), own_split=True) == []
    many = class_notes(torch.tensor([0]), None, [str(n) for n in range(9)], own_split=True)
    assert "8 of 9 classes have no training image: 1, 2, 3, 4, 5, ..." in many[0]


def test_a_class_whose_images_cannot_be_read_is_named(tmp_path):
    fakes.folder(tmp_path, ["a/0.png", "a/1.png"])
    fakes.write(tmp_path / "b" / "2.png", b"broken")
    found = notes(tmp_path, on_error="skip")
    assert any("1 of 2 classes have no training image: b" in note for note in found)
