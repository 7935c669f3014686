"""Folders with what nobody wants in them: loops, pipes, devices, hidden and foreign files, bad rights."""

import errno
import os

import pytest

from gan_zoo.data.folder import Folder
from gan_zoo.data.pictures import UnreadableImageError
from gan_zoo.data.walk import read_image_file, walk
from gan_zoo.errors import UserError
from tests.unit.data import fakes


@pytest.fixture
def root(tmp_path):
    """Two classes of two images."""
    return fakes.folder(tmp_path / "set", ["cat/0.png", "cat/1.png", "dog/2.png", "dog/3.png"])


FOUR = ["cat/0.png", "cat/1.png", "dog/2.png", "dog/3.png"]


def notes(root, **arguments):
    return Folder(path=str(root), held_out=0.0, **arguments).load().notes


def test_loops_end(root):
    (root / "dog" / "loop").symlink_to(root)
    (root / "cat" / "up").symlink_to(root.parent)
    (root / "cat" / "self").symlink_to("self")
    (root / "dog" / "self.png").symlink_to("self.png")
    listing = walk(root)
    assert listing.images == [*FOUR, "dog/self.png"]
    assert sorted(listing.links) == ["cat/up", "dog/loop"]
    with pytest.raises(UserError, match=r"dog/self\.png: Too many levels of symbolic links"):
        Folder(path=str(root)).load()


def test_links_to_the_outside_are_followed(root, tmp_path):
    fakes.folder(tmp_path / "elsewhere", ["cow/4.png", "cow/5.png"], start=4)
    (root / "cow").symlink_to(tmp_path / "elsewhere" / "cow")
    (root / "cat" / "linked.png").symlink_to(tmp_path / "elsewhere" / "cow" / "5.png")
    assert walk(root).images == [
        "cat/0.png",
        "cat/1.png",
        "cat/linked.png",
        "cow/4.png",
        "cow/5.png",
        *FOUR[2:],
    ]
    assert Folder(path=str(root), held_out=0.0).load().spec.class_names == ("cat", "cow", "dog")


def test_a_root_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert walk(tmp_path / "link").images == FOUR


def test_a_folder_is_read_once_and_under_its_own_name(root):
    (root / "a").symlink_to(root / "dog")
    (root / "cat" / "more").symlink_to(root / "dog")
    assert walk(root).images == FOUR
    (note,) = notes(root)
    assert "links to folders that are read already were left out: 2 (a, cat/more)" in note


def test_a_lattice_of_links_stays_small(tmp_path):
    for level in range(40):
        folder = tmp_path / f"{level:02d}"
        folder.mkdir()
        for name in "ab":
            (folder / name).symlink_to(tmp_path / f"{level + 1:02d}")
    fakes.folder(tmp_path, ["40/0.png"])
    assert walk(tmp_path).images == ["40/0.png"]  # and not 2^40 names


def test_listing_takes_one_look_per_folder_and_none_per_file(tmp_path, monkeypatch):
    for folder in range(10):
        for file in range(200):
            fakes.write(tmp_path / str(folder) / f"{file}.png", b"")
    looks = {"scandir": 0, "stat": 0}
    scandir, stat = os.scandir, os.stat

    def count(name, function):
        def counted(*arguments, **options):
            looks[name] += 1
            return function(*arguments, **options)

        return counted

    monkeypatch.setattr(os, "scandir", count("scandir", scandir))
    monkeypatch.setattr(os, "stat", count("stat", stat))
    assert len(walk(tmp_path).images) == 2000
    assert looks["scandir"] == 11
    assert looks["stat"] < 100


def test_hidden_and_foreign_files(root):
    for name in (
        ".DS_Store",
        "cat/Thumbs.db",
        "cat/desktop.ini",
        "dog/._2.png",
        "__MACOSX/cat/._0.png",
        ".git/x.png",
    ):
        fakes.write(root / name, b"x")
    assert walk(root).images == FOUR
    assert notes(root) == ()
    for name in ("labels.csv", "cat/a.heic", "cat/b.heic", "dog/noending"):
        fakes.write(root / name, b"x")
    (note,) = notes(root)
    assert "not called like images were left out: 2 .heic, 1 .csv, 1 without an ending" in note


def test_endings_in_capitals_and_folders_called_like_images(tmp_path):
    fakes.folder(tmp_path, ["one.png/0.PNG", "two.jpg/1.Png"])
    (tmp_path / "one.png" / "inner.png").mkdir()
    dataset = Folder(path=str(tmp_path), held_out=0.0).load()
    assert dataset.spec.class_names == ("one.png", "two.jpg")
    assert len(dataset.train) == 2


@pytest.mark.parametrize("empty", ["cow", "cow/deep", "cow/.hidden"])
def test_an_empty_class_is_refused(root, empty):
    (root / empty).mkdir(parents=True)
    with pytest.raises(UserError, match=r"cow/ holds no files.*data\.labels=false"):
        Folder(path=str(root)).load()
    assert Folder(path=str(root), labels=False, held_out=0.0).load().spec.classes == 0


def test_empty_folders_elsewhere_do_no_harm(root):
    (root / "cat" / "empty").mkdir()
    fakes.write(root / "meta" / "labels.csv", b"x")  # not empty: no class either
    dataset = Folder(path=str(root), held_out=0.0).load()
    assert dataset.spec.class_names == ("cat", "dog")
    assert "1 .csv" in dataset.notes[0]


def test_empty_splits_and_classes_of_splits(tmp_path):
    fakes.folder(tmp_path, ["train/a/0.png", "train/b/1.png"])
    (tmp_path / "test").mkdir()
    with pytest.raises(UserError, match="test/ holds no files"):
        Folder(path=str(tmp_path)).load()
    fakes.folder(tmp_path, ["test/a/2.png"], start=2)
    (note,) = Folder(path=str(tmp_path)).load().notes
    assert "1 of 2 classes have no held-out image: b" in note
    (tmp_path / "train" / "c").mkdir()
    with pytest.raises(UserError, match="train/c/ holds no files"):
        Folder(path=str(tmp_path)).load()


def test_one_class_beside_an_empty_one_is_no_wrapper(tmp_path):
    fakes.folder(tmp_path, ["cat/0.png", "cat/1.png"])
    (tmp_path / "dog").mkdir()
    with pytest.raises(UserError, match="dog/ holds no files"):
        Folder(path=str(tmp_path)).load()


def test_pipes_and_devices_are_never_read(root):
    os.mkfifo(root / "cat" / "pipe.png")
    with pytest.raises(UserError, match=r"cat/pipe\.png: it is no regular file"):
        Folder(path=str(root)).load()
    (root / "cat" / "pipe.png").unlink()
    (root / "cat" / "zero.png").symlink_to("/dev/zero")
    with pytest.raises(UserError, match=r"cat/zero\.png: it is no regular file"):
        Folder(path=str(root)).load()
    assert Folder(path=str(root), on_error="skip").load().skipped == ("cat/zero.png",)


def test_a_huge_file_is_not_read(root, monkeypatch):
    with (root / "cat" / "huge.png").open("wb") as file:
        file.truncate(2**40)  # a hole: takes no place
    with pytest.raises(UserError, match=r"cat/huge\.png: it has 1099511627776 bytes"):
        Folder(path=str(root)).load()


def test_a_file_that_cannot_be_read_is_named(root, monkeypatch):
    real = os.open

    def refusing(path, *arguments, **options):
        if str(path).endswith("1.png"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refusing)  # the rights of a file mean nothing to root
    with pytest.raises(UserError, match=r"cat/1\.png: Permission denied\. Replace"):
        Folder(path=str(root)).load()


def test_a_folder_that_cannot_be_listed_is_named(root, monkeypatch):
    real = os.scandir

    def refusing(path):
        if str(path).endswith("dog"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(UserError, match=r"dog: Permission denied"):
        Folder(path=str(root), on_error="skip").load()


def test_a_file_that_vanishes_after_listing_is_named(root, monkeypatch):
    def walk_and_lose(folder):
        listing = walk(folder)
        (root / "dog" / "2.png").unlink()
        return listing

    monkeypatch.setattr("gan_zoo.data.folder.walk", walk_and_lose)
    with pytest.raises(UserError, match=r"dog/2\.png: No such file or directory\. Replace"):
        Folder(path=str(root)).load()
    fakes.folder(root, ["dog/2.png"])
    dataset = Folder(path=str(root), on_error="skip", held_out=0.0).load()
    assert dataset.skipped == ("dog/2.png",)
    assert any(
        "unreadable images were left out (data.on_error=skip): 1 (dog/2.png)" in n for n in dataset.notes
    )


def test_files_may_vanish_once_they_are_read(root):
    dataset = Folder(path=str(root), held_out=0.0).load()
    for name in FOUR:
        (root / name).unlink()
    assert len(dataset.train.values.unique()) > 2


def test_names_in_no_encoding_and_with_control_signs(root, tmp_path):
    bad = os.fsdecode(b"\xff\x1b[2J.png")
    fakes.write(root / "cat" / bad, b"broken")
    with pytest.raises(UserError) as caught:
        Folder(path=str(root)).load()
    message = str(caught.value)
    assert r"cat/\udcff\x1b[2J.png" in message
    message.encode()  # can be printed
    fakes.write(root / "cat" / bad, fakes.encoded(fakes.pixels(9)))
    cached = Folder(path=str(root), memory_limit_gb=1e-9, cache_dir=str(tmp_path / "cache"))
    assert cached.load().fingerprint == Folder(path=str(root)).load().fingerprint


def test_only_regular_files_are_read(tmp_path):
    with pytest.raises(OSError, match="directory"):
        read_image_file(tmp_path)
    with pytest.raises(UnreadableImageError):
        read_image_file(tmp_path.__class__("/dev/null"))


def test_a_dangling_link_is_named(root):
    (root / "cat" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "cat" / "gone").symlink_to(root / "nowhere")
    with pytest.raises(UserError, match=r"cat/gone\.png: No such file or directory"):
        Folder(path=str(root)).load()


def test_two_links_to_one_folder_outside_are_one(root, tmp_path):
    fakes.folder(tmp_path / "elsewhere", ["4.png", "5.png"], start=4)
    for name in ("cow", "ox"):
        (root / name).symlink_to(tmp_path / "elsewhere")
    assert walk(root).images == ["cat/0.png", "cat/1.png", "cow/4.png", "cow/5.png", *FOUR[2:]]
    assert "1 (ox)" in notes(root)[0]
