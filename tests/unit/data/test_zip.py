"""Zip files: the same as folders, read in place, and nothing that points outside."""

import stat
import zipfile

import pytest
import torch

from gan_zoo.data.folder import Folder
from gan_zoo.data.zip import Zip
from gan_zoo.errors import UserError
from tests.unit.data import fakes

NAMES = [f"{kind}/{index:02d}.png" for kind in ("cat", "dog") for index in range(20)]


def members(names=NAMES):
    return {name: fakes.encoded(fakes.pixels(index)) for index, name in enumerate(names)}


def test_a_zip_equals_its_folder(tmp_path):
    unpacked = Folder(path=str(fakes.folder(tmp_path / "images", NAMES))).load()
    packed = Zip(path=str(fakes.zipped(tmp_path / "images.zip", members()))).load()
    assert packed.fingerprint == unpacked.fingerprint
    assert packed.spec.class_names == unpacked.spec.class_names == ("cat", "dog")
    torch.testing.assert_close(packed.held_out.values, unpacked.held_out.values)
    assert {path.name for path in tmp_path.iterdir()} == {"images", "images.zip"}


def test_splits(tmp_path):
    names = ["train/a/0.png", "train/b/1.png", "test/a/2.png"]
    dataset = Zip(path=str(fakes.zipped(tmp_path / "x.zip", members(names)))).load()
    assert (len(dataset.train), len(dataset.held_out), dataset.spec.classes) == (2, 1, 2)


@pytest.mark.parametrize("name", ["/etc/a.png", "../a.png", "a/../../b.png", "C:/a.png", "..\\a.png"])
def test_members_that_point_outside_are_refused(tmp_path, name):
    path = fakes.zipped(tmp_path / "x.zip", members() | {name: b""})
    with pytest.raises(UserError, match="points outside"):
        Zip(path=str(path)).load()


def test_links_are_ignored(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", members())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("cat/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    dataset = Zip(path=str(path)).load()
    assert len(dataset.train) + len(dataset.held_out) == len(NAMES)


def test_damaged_members_are_named(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", members())
    content = bytearray(path.read_bytes())
    position = content.index(members()[NAMES[3]]) + 60
    content[position] ^= 255
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"cat/03\.png"):
        Zip(path=str(path)).load()
    assert Zip(path=str(path), on_error="skip").load().skipped == ("cat/03.png",)


def test_truncated_images_are_named(tmp_path):
    cut = fakes.encoded(fakes.pixels(0))[:-60]
    path = fakes.zipped(tmp_path / "x.zip", members() | {"dog/cut.png": cut})
    with pytest.raises(UserError, match=r"dog/cut\.png"):
        Zip(path=str(path)).load()


def test_a_member_too_large_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("gan_zoo.data.zip.MAX_MEMBER_BYTES", 10)
    with pytest.raises(UserError, match=r"cat/00\.png: it claims"):
        Zip(path=str(fakes.zipped(tmp_path / "x.zip", members()))).load()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: root, "data=folder"),
        (lambda root: fakes.write(root / "x.zip", b"PK not really"), "not a complete zip"),
        (lambda root: fakes.zipped(root / "x.zip", {"notes.txt": b"a"}), "holds no images"),
        (lambda root: fakes.zipped(root / "x.zip", members(["a.png", "cat/b.png"])), "mixed"),
        (lambda root: root / "absent.zip", "does not exist"),
    ],
)
def test_bad_files_say_what_to_type(tmp_path, make, message):
    with pytest.raises(UserError, match=message):
        Zip(path=str(make(tmp_path))).load()


def test_a_cut_zip_is_refused(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", members())
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UserError, match="not a complete zip"):
        Zip(path=str(path)).load()
