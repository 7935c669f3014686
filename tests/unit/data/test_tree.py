"""What folders say about splits and classes."""

import pytest

from gan_zoo.data.listing import is_image_name
from gan_zoo.data.tree import arrange
from gan_zoo.errors import UserError


def seen(names, labels=True):
    items, classes = arrange(names, labels)
    return [(item.label, item.held_out) for item in items], classes


def test_flat_images_have_no_classes():
    assert seen(["a.png", "b.png"]) == ([(-1, None)] * 2, ())


def test_sub_folders_are_classes_in_alphabetical_order():
    names = ["dog/a.png", "cat/deep/er/b.png", "cat/c.png"]
    assert seen(names) == ([(1, None), (0, None), (0, None)], ("cat", "dog"))


def test_labels_can_be_ignored():
    assert seen(["dog/a.png", "cat/b.png", "c.png"], labels=False) == ([(-1, None)] * 3, ())


def test_train_and_test_are_splits():
    names = ["train/cat/a.png", "train/dog/b.png", "test/dog/c.png"]
    assert seen(names) == ([(0, False), (1, False), (1, True)], ("cat", "dog"))
    assert seen(["train/a.png", "test/b.png"]) == ([(-1, False), (-1, True)], ())


def test_train_alone_is_split_by_content():
    assert seen(["train/cat/a.png", "train/dog/b.png"]) == ([(0, None), (1, None)], ("cat", "dog"))


def test_wrapping_folders_are_passed_over():
    assert seen(["set/images/a.png", "set/images/b.png"]) == ([(-1, None)] * 2, ())
    assert seen(["set/train/a.png", "set/test/b.png"]) == ([(-1, False), (-1, True)], ())


def test_train_among_other_classes_is_a_class():
    assert seen(["train/a.png", "car/b.png"]) == ([(1, None), (0, None)], ("car", "train"))


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["a.png", "cat/b.png"], ["a.png", "cat/"]),
        (["train/a.png", "train/cat/b.png", "test/c.png"], ["a.png", "cat/"]),
        (["train/a.png", "test/b.png", "other/c.png"], ["other"]),
        (["train/a.png", "test/b.png", "c.png"], ["c.png"]),
        (["train/cat/a.png", "train/dog/b.png", "test/cow/c.png"], ["test/cow/c.png", "cat, dog"]),
        (["train/cat/a.png", "train/dog/b.png", "test/c.png"], ["test/c.png"]),
    ],
)
def test_mixtures_are_refused_by_name(names, named):
    with pytest.raises(UserError) as caught:
        arrange(names, labels=True)
    assert all(part in str(caught.value) for part in named)


def test_what_counts_as_an_image():
    assert is_image_name("a/b.JPG")
    assert not any(map(is_image_name, ["notes.txt", ".hidden.png", ".git/a.png", "__MACOSX/a.png"]))
