"""`.npy` and `.npz`: which axis is which, ranges, labels, and what is refused."""

import io
import os
import pickle
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from gan_zoo.data.npy import Npy
from gan_zoo.data.npy_file import NpyFile, open_array_file
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
    "labels",
    [
        np.arange(11), np.arange(12.0), np.full(12, np.nan), np.arange(12) - 1, np.zeros((12, 2), int),
        np.arange(12) > 5, np.arange(12) * 10**9, np.full(12, 2**64 - 1, dtype=np.uint64),
    ],
)  # fmt: skip
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


def test_no_code_in_an_array_is_executed(tmp_path, monkeypatch):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (Path("proof"),))

    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.array([Evil()], dtype=object), allow_pickle=True)
    np.savez("x.npz", images=np.array([Evil()], dtype=object), y=COLOR)
    Path("raw.npy").write_bytes(pickle.dumps(Evil()))
    for source in (Npy(path="x.npy"), Npz(path="x.npz"), Npy(path="raw.npy")):
        with pytest.raises(UserError, match=r"pickled objects"):
            source.load()
    np.save("y.npy", COLOR)
    with pytest.raises(UserError, match="pickled"):
        Npy(path="y.npy", labels_path="x.npy").load()
    assert not Path("proof").exists()


def test_fortran_order_and_other_byte_orders(tmp_path):
    expected = COLOR.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(load(tmp_path, np.asfortranarray(COLOR)).train.values, expected)
    floats = (COLOR / 255.0).astype(">f4")
    np.testing.assert_array_equal(load(tmp_path, floats).train.values, expected)
    np.testing.assert_array_equal(load(tmp_path, floats.astype(np.float16)).train.values, expected)
    with pytest.raises(UserError, match=r"in Fortran order, would take.*above data\.memory_limit_gb=1e-08"):
        load(tmp_path, np.asfortranarray(COLOR), memory_limit_gb=1e-8)


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint16, np.complex64, "U3", "M8[s]"])
def test_other_numbers_are_refused(tmp_path, kind):
    with pytest.raises(UserError, match="are not read; save them as uint8"):
        load(tmp_path, np.zeros((4, 4, 4), dtype=kind))


def test_a_cut_file_is_named(tmp_path):
    path = Path(saved(tmp_path / "x.npy", COLOR))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"Cannot read .*x\.npy"):
        Npy(path=str(path)).load()


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_a_file_that_shrinks_while_it_is_read_is_an_error_and_no_bus_error(tmp_path, dtype, on_error):
    array = np.zeros((2000, 8, 8), dtype=dtype)
    source = Npy(path=saved(tmp_path / "x.npy", array), on_error=on_error, held_out=0.0)
    opened = open_array_file(Path(source.path), 0.0)
    os.truncate(source.path, 10_000)
    with pytest.raises(UserError, match=r"x\.npy has shrunk while it was read: rows .* of 2000 are missing"):
        source.from_array("npy", Path(source.path), opened, None)


def test_rows_are_read_when_they_are_asked_for(tmp_path):
    rows = open_array_file(Path(saved(tmp_path / "x.npy", COLOR)), 0.0)
    assert isinstance(rows, NpyFile)
    assert (len(rows), rows.shape, rows.dtype) == (12, COLOR.shape, COLOR.dtype)
    for part in (slice(0, 1), slice(5, 9), slice(11, 99), slice(3, 3)):
        np.testing.assert_array_equal(rows[part], COLOR[part])


def bomb(path, shape, dtype="|u1"):
    """Write a `.npz` of a few bytes that claims an array of any shape."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(1000))
    return str(path)


def test_an_npz_bomb_is_refused_by_its_claim(tmp_path):
    path = bomb(tmp_path / "x.npz", (10**9, 64, 64))
    with pytest.raises(UserError, match=r"'images' would take 3814\.70 GiB, above data\.memory_limit_gb=4"):
        Npz(path=path).load()
    with pytest.raises(UserError, match="Cannot read the array 'images'"):
        Npz(path=bomb(tmp_path / "x.npz", (2**20, 8, 8))).load()  # claims what it does not have
    np.savez_compressed(tmp_path / "x.npz", images=np.zeros((2**14, 32, 32), dtype=np.uint8))
    with pytest.raises(UserError, match=r"Save it with numpy\.save as a \.npy file"):
        Npz(path=str(tmp_path / "x.npz"), memory_limit_gb=0.01).load()


@pytest.mark.parametrize("shape", [(-3, 4, 4), (3, -4, 4), (), (3,), (0, 3, 3), (2**62, 2**62, 4)])
def test_impossible_shapes_are_refused(tmp_path, shape):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    (tmp_path / "x.npy").write_bytes(header.getvalue() + bytes(100))
    with pytest.raises(UserError):
        Npy(path=str(tmp_path / "x.npy")).load()
    with pytest.raises(UserError):
        Npz(path=bomb(tmp_path / "x.npz", shape)).load()


@pytest.mark.filterwarnings("ignore")
def test_damage_in_the_header_is_a_message(tmp_path):
    content = Path(saved(tmp_path / "x.npy", GREY)).read_bytes()
    for place in range(128):
        for value in (0, 255, content[place] ^ 1, ord("("), ord("-")):
            (tmp_path / "x.npy").write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            with suppress(UserError):
                Npy(path=str(tmp_path / "x.npy"), held_out=0.0).load()


def test_a_pipe_is_no_array(tmp_path):
    os.mkfifo(tmp_path / "x.npy")
    with pytest.raises(UserError, match="no regular file"):
        Npy(path=str(tmp_path / "x.npy")).load()
