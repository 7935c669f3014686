"""Zip files: the same as folders, read in place, and nothing that points outside."""

import os
import stat
import zipfile
from contextlib import suppress

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
    monkeypatch.setattr("gan_zoo.data.members.BYTE_LIMIT", 10)
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


def raw(name):
    info = zipfile.ZipInfo(name)
    info.filename = name  # the constructor would tidy it up
    return info


def load(path, **arguments):
    return Zip(path=str(path), held_out=0.0, **arguments).load()


def test_encrypted_members_are_named(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", members(["a.png", "b.png"]))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")  # the directory's entry of b.png
    content[at + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"b\.png: it is encrypted; unpack the zip file"):
        load(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_can_explode_are_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as archive:
        archive.writestr("a.png", fakes.encoded(fakes.pixels(0)))
    with pytest.raises(
        UserError, match=rf"a\.png: it is compressed with method {method}; stored and deflate"
    ):
        load(tmp_path / "x.zip")


def test_deflate_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bmp", fakes.encoded(fakes.pixels(0), "BMP"))
    assert len(load(tmp_path / "x.zip").train) == 1


def test_a_bomb_of_bytes_is_read_up_to_its_claim(tmp_path, monkeypatch):
    """Zeros without end: refused by the claim, and where the claim lies, nothing behind it is unpacked."""
    monkeypatch.setattr("gan_zoo.data.members.BYTE_LIMIT", 2**20)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.png", "w") as file:
        file.write(bytes(2**24))
    assert path.stat().st_size < 20_000
    with pytest.raises(UserError, match=r"a\.png: it claims 16777216 bytes, more than 1048576"):
        load(path)
    content = path.read_bytes().replace((2**24).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.png: Bad CRC-32"):
        load(path)


def test_a_bomb_of_pixels_is_named(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", {"a.bmp": fakes.bomb(20_000)})
    with pytest.raises(UserError, match=r"a\.bmp: 20000x20000 = 400000000 pixels"):
        load(path)


def test_members_that_overlap_are_refused(tmp_path):
    """Many names for the same bytes, as in the bombs of Fifield (2019)."""
    path = fakes.zipped(tmp_path / "x.zip", members(["a.png"]))
    with zipfile.ZipFile(path, "a") as archive:
        (first,) = archive.infolist()
        for number in range(100):
            copy = raw(f"{number}.png")
            for key in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(copy, key, getattr(first, key))
            archive.filelist.append(copy)
        archive._didModify = True
    with pytest.raises(UserError, match="overlap, as in a zip bomb"):
        load(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_last_of_several_members_of_one_name_counts(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for index, name in enumerate(["a.png", "b.png", "a.png"]):
            archive.writestr(raw(name), fakes.encoded(fakes.pixels(index)))
        archive.writestr(raw(".\\b.png"), fakes.encoded(fakes.pixels(3)))
    dataset = load(tmp_path / "x.zip")
    expected = [torch.from_numpy(fakes.pixels(index).transpose(2, 0, 1).copy()) for index in (2, 3)]
    torch.testing.assert_close(dataset.train.values, torch.stack(expected))
    assert "later files of the same name took the place of 2 (a.png, b.png)" in dataset.notes[0]


def test_backslashes_are_folders(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for index, name in enumerate(["cat\\a.png", "dog\\b.png", "dog/c.png"]):
            archive.writestr(raw(name), fakes.encoded(fakes.pixels(index)))
    assert load(tmp_path / "x.zip").spec.class_names == ("cat", "dog")


def test_names_in_odd_encodings(tmp_path):
    names = ["Стол/ü.png", "椅子/a.png"]
    path = fakes.zipped(tmp_path / "x.zip", members(names))
    assert set(load(path).spec.class_names) == {"Стол", "椅子"}
    content = path.read_bytes().replace("ü".encode(), b"\xff\xfe")
    path.write_bytes(content)  # flagged as UTF-8, and is not
    with pytest.raises(UserError, match=r"not a complete zip file|cannot be read|Cannot read"):
        load(path)


def test_zips_in_zips_are_not_opened(tmp_path):
    inner = fakes.zipped(tmp_path / "inner.zip", members(["a.png"])).read_bytes()
    path = fakes.zipped(tmp_path / "x.zip", {"inner.zip": inner, "other.zip": inner})
    with pytest.raises(
        UserError, match=r"holds no images.*there are 2 \.zip; unpack zip files that lie in it"
    ):
        load(path)
    path = fakes.zipped(tmp_path / "y.zip", {"inner.zip": inner} | members(["a.png", "b.png"]))
    assert "left out: 1 .zip" in load(path).notes[0]


def test_hidden_members_and_empty_classes(tmp_path):
    more = {
        "__MACOSX/cat/._00.png": b"x",
        "cat/.DS_Store": b"x",
        "dog/Thumbs.db": b"x",
        "cat/": b"",
        "dog/": b"",
    }
    path = fakes.zipped(tmp_path / "x.zip", members() | more)
    assert load(path).notes == ()
    path = fakes.zipped(tmp_path / "y.zip", members() | {"cow/": b""})
    with pytest.raises(UserError, match="cow/ holds no files"):
        load(path)


def test_damage_anywhere_is_a_message_or_a_data_set(tmp_path):
    path = fakes.zipped(tmp_path / "x.zip", members(["a.png", "b.png"]))
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    places = [*range(directory, len(content)), *range(60)]
    for place in places:
        for value in (0, 255, content[place] ^ 1):
            path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            with suppress(UserError):
                load(path, on_error="skip")


def test_a_pipe_is_no_zip_file(tmp_path):
    os.mkfifo(tmp_path / "x.zip")
    with pytest.raises(UserError, match="no regular file"):
        load(tmp_path / "x.zip")
