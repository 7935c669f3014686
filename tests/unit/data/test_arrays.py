"""`.npy` and `.npz`: which axis is which, ranges, labels, and what is refused."""

import numpy as np
import pytest
import torch

from gan_zoo.data.npy import Npy
from gan_zoo.data.npz import Npz
from gan_zoo.errors import UserError

COLOR = np.random.default_rng(0).integers(0, 256, (12, 8, 6, 3), dtype=np.uint8)
GREY = COLOR[..., 0]


def saved(path, array):
    np.save(path, array)
    return str(path)


def load(tmp_path, array, **arguments):
    return Npy(path=saved(tmp_path / "x.npy", array), held_out=0.0, **arguments).load()


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (GREY, GREY[:, None]),
        (COLOR, COLOR.transpose(0, 3, 1, 2)),
        (COLOR.transpose(0, 3, 1, 2), COLOR.transpose(0, 3, 1, 2)),
        (GREY[..., None], GREY[:, None]),
        (GREY[:, None], GREY[:, None]),
    ],
)
def test_axes_are_recognized(tmp_path, array, expected):
    np.testing.assert_array_equal(load(tmp_path, array).train.values, expected)


def test_ambiguous_axes_need_a_layout(tmp_path):
    array = COLOR[:, :3, :, :]  # [12, 3, 6, 3]
    with pytest.raises(UserError, match=r"\[12, 3, 6, 3\].*data\.layout"):
        load(tmp_path, array)
    assert load(tmp_path, array, layout="nhwc").spec.shape == (3, 3, 6)
    assert load(tmp_path, array, layout="nchw").spec.shape == (3, 6, 3)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0)])
def test_floats_in_their_range_become_bytes(tmp_path, low, high):
    array = (GREY / 255.0 * (high - low) + low).astype(np.float32)
    dataset = load(tmp_path, array, value_range=[low, high])
    np.testing.assert_array_equal(dataset.train.values[:, 0], GREY)


@pytest.mark.parametrize("bad", [1.5, -0.5, np.nan])
def test_floats_outside_their_range_are_refused(tmp_path, bad):
    array = np.zeros((3, 4, 4), dtype=np.float32)
    array[1, 2, 3] = bad
    with pytest.raises(UserError, match=r"data\.value_range"):
        load(tmp_path, array)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 4), dtype=np.uint8), r"\[4, 4\] is not images"),
        (np.zeros((4, 5, 5, 7), dtype=np.uint8), "is not images"),
        (np.zeros((0, 4, 4), dtype=np.uint8), "holds no images"),
        (np.zeros((4, 4, 4), dtype=np.int64), "int64"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, message):
    with pytest.raises(UserError, match=message):
        load(tmp_path, array)


def test_pickled_arrays_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="pickled"):
        Npy(path=str(tmp_path / "x.npy")).load()
    np.savez(tmp_path / "x.npz", images=np.array([{}, []], dtype=object))
    with pytest.raises(UserError, match="images"):
        Npz(path=str(tmp_path / "x.npz")).load()


def test_damaged_files_are_named(tmp_path):
    (tmp_path / "x.npy").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"x\.npy"):
        Npy(path=str(tmp_path / "x.npy")).load()


def test_labels_of_npy(tmp_path):
    labels = np.arange(12) % 3
    dataset = load(tmp_path, COLOR, labels_path=saved(tmp_path / "y.npy", labels))
    assert dataset.spec.classes == 3
    assert dataset.train.labels.tolist() == labels.tolist()


@pytest.mark.parametrize(
    "labels", [np.arange(11), np.arange(12.0), np.arange(12) - 1, np.zeros((12, 2), int)]
)
def test_labels_that_do_not_fit_are_refused(tmp_path, labels):
    with pytest.raises(UserError, match="Labels must be whole numbers"):
        load(tmp_path, COLOR, labels_path=saved(tmp_path / "y.npy", labels))


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("x", "y"), ("arr_0", "labels")])
def test_keys_of_npz(tmp_path, images, labels):
    np.savez(tmp_path / "x.npz", **{images: COLOR, labels: np.arange(12) % 2})
    dataset = Npz(path=str(tmp_path / "x.npz"), held_out=0.0).load()
    np.testing.assert_array_equal(dataset.train.values, COLOR.transpose(0, 3, 1, 2))
    assert dataset.train.labels.tolist() == [0, 1] * 6
    assert Npz(path=str(tmp_path / "x.npz"), labels=False).load().spec.classes == 0


def test_npz_without_images_names_what_is_there(tmp_path):
    np.savez(tmp_path / "x.npz", pictures=COLOR)
    with pytest.raises(UserError, match=r"pictures.*images, x, arr_0"):
        Npz(path=str(tmp_path / "x.npz")).load()


def test_the_wrong_kind_names_the_other(tmp_path):
    np.savez(tmp_path / "x.npz", images=COLOR)
    with pytest.raises(UserError, match="data=npz"):
        Npy(path=str(tmp_path / "x.npz")).load()
    with pytest.raises(UserError, match="data=npy"):
        Npz(path=saved(tmp_path / "x.npy", COLOR)).load()


def test_arrays_are_resized_like_files(tmp_path):
    dataset = load(tmp_path, COLOR, size=6, resize="crop", channels=1)
    assert dataset.spec.shape == (1, 6, 6)
    assert dataset.train.values.dtype == torch.uint8
