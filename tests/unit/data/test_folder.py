"""Folders: pixels, order, splits, errors that name files, and the cache file."""

import json
import shutil
from collections import namedtuple

import pytest
import torch
from PIL import Image

from gan_zoo.data.folder import Folder
from gan_zoo.errors import UserError
from tests.unit.data import fakes

NAMES = [f"{index:02d}.png" for index in range(40)]


def as_bytes(values):
    return {row.numpy().tobytes() for row in values}


def image(index):
    return torch.from_numpy(fakes.pixels(index).transpose(2, 0, 1).copy())


def test_pixels_and_order_are_those_of_the_files(tmp_path):
    dataset = Folder(path=str(fakes.folder(tmp_path, NAMES)), held_out=0.0).load()
    assert dataset.spec.shape == (3, 8, 8)
    assert dataset.spec.classes == 0
    assert dataset.train.labels is None
    assert len(dataset.held_out) == 0
    torch.testing.assert_close(dataset.train.values, torch.stack([image(index) for index in range(40)]))


def test_held_out_images_never_train_and_duplicates_stay_together(tmp_path):
    fakes.folder(tmp_path, NAMES)
    for name in NAMES:
        shutil.copy(tmp_path / name, tmp_path / f"copy of {name}")
    dataset = Folder(path=str(tmp_path), held_out=0.3).load()
    assert 0 < len(dataset.held_out) < 80
    assert len(dataset.train) + len(dataset.held_out) == 80
    assert not as_bytes(dataset.train.values) & as_bytes(dataset.held_out.values)
    assert len(as_bytes(dataset.held_out.values)) * 2 == len(dataset.held_out)


def test_the_split_does_not_depend_on_size(tmp_path):
    fakes.folder(tmp_path, NAMES)
    counts = {len(Folder(path=str(tmp_path), held_out=0.3, size=size).load().train) for size in (None, 4, 16)}
    assert len(counts) == 1


def test_sub_folders_are_labels(tmp_path):
    names = [f"{kind}/{index}.png" for kind in ("cat", "dog") for index in range(20)]
    dataset = Folder(path=str(fakes.folder(tmp_path, names)), held_out=0.3).load()
    assert dataset.spec.class_names == ("cat", "dog")
    label = {fakes.pixels(index).transpose(2, 0, 1).tobytes(): index // 20 for index in range(40)}
    for samples in (dataset.train, dataset.held_out):
        assert [label[row.numpy().tobytes()] for row in samples.values] == samples.labels.tolist()


def test_a_test_folder_is_held_out(tmp_path):
    fakes.folder(tmp_path, ["train/a.png", "train/b.png", "test/c.png"])
    dataset = Folder(path=str(tmp_path), held_out=0.9).load()
    torch.testing.assert_close(dataset.train.values, torch.stack([image(0), image(1)]))
    torch.testing.assert_close(dataset.held_out.values, image(2)[None])


def test_the_fingerprint_follows_pixels_and_labels(tmp_path):
    fakes.folder(tmp_path / "one", ["a/0.png", "b/1.png"])
    fakes.folder(tmp_path / "two", ["a/0.png", "b/1.png"])
    fakes.folder(tmp_path / "three", ["a/0.png", "a/1.png", "b/2.png"])
    prints = [
        Folder(path=str(tmp_path / name), held_out=0.0).load().fingerprint for name in ("one", "two", "three")
    ]
    assert prints[0] == prints[1] != prints[2]
    assert len(prints[0]) == 64
    unlabeled = Folder(path=str(tmp_path / "one"), held_out=0.0, labels=False).load()
    assert unlabeled.fingerprint != prints[0]


def test_an_unreadable_image_is_named(tmp_path):
    fakes.folder(tmp_path, NAMES)
    whole = fakes.encoded(fakes.pixels(0, 32, 32), "JPEG")
    fakes.write(tmp_path / "07 cut.jpg", whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"07 cut\.jpg.*data\.on_error=skip"):
        Folder(path=str(tmp_path), size=8).load()


def test_unreadable_images_are_skipped_and_listed(tmp_path):
    fakes.folder(tmp_path, NAMES)
    fakes.write(tmp_path / "00 first.png", b"not an image")
    fakes.write(tmp_path / "zz last.png", b"")
    dataset = Folder(path=str(tmp_path), on_error="skip", held_out=0.3).load()
    assert dataset.skipped == ("00 first.png", "zz last.png")
    assert as_bytes(dataset.train.values) | as_bytes(dataset.held_out.values) == as_bytes(
        map(image, range(40))
    )


def test_nothing_readable(tmp_path):
    fakes.write(tmp_path / "a.png", b"")
    with pytest.raises(UserError, match=r"None of the 1 images.*a\.png"):
        Folder(path=str(tmp_path), on_error="skip").load()


def test_grey_and_color_are_not_mixed(tmp_path):
    fakes.folder(tmp_path, ["color.png"])
    fakes.write(tmp_path / "grey.png", fakes.encoded(fakes.pixels(1, channels=1)))
    with pytest.raises(UserError, match=r"color\.png is in color, grey\.png is grey.*data\.channels"):
        Folder(path=str(tmp_path)).load()
    assert Folder(path=str(tmp_path), channels=1, held_out=0.0).load().train.values.shape == (2, 1, 8, 8)


def test_sizes_are_not_mixed(tmp_path):
    fakes.folder(tmp_path, ["a.png"])
    fakes.write(tmp_path / "b.png", fakes.encoded(fakes.pixels(1, 8, 9)))
    with pytest.raises(UserError, match=r"a\.png is 8x8, b\.png is 8x9.*data\.size"):
        Folder(path=str(tmp_path)).load()
    assert Folder(path=str(tmp_path), size=[4, 6], held_out=0.0).load().spec.shape == (3, 4, 6)


def test_a_bomb_is_named(tmp_path):
    fakes.write(tmp_path / "bomb.bmp", fakes.bomb(10_000))
    with pytest.raises(UserError, match=r"bomb\.bmp: 10000x10000.*type data\.pixel_limit=100000000"):
        Folder(path=str(tmp_path)).load()
    fakes.folder(tmp_path, ["a.png", "b.png"])
    assert Folder(path=str(tmp_path), on_error="skip").load().skipped == ("bomb.bmp",)


def test_the_limit_of_pixels_can_be_raised(tmp_path, monkeypatch):
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 10)  # PIL's own limit gives way to ours
    fakes.folder(tmp_path, ["a.png"])
    with pytest.raises(UserError, match=r"a\.png: 8x8 = 64 pixels, above data\.pixel_limit=63"):
        Folder(path=str(tmp_path), pixel_limit=63).load()
    assert len(Folder(path=str(tmp_path), pixel_limit=64, held_out=0.0).load().train) == 1
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda root: None, "needs a path"),
        (lambda root: root / "absent", "does not exist"),
        (lambda root: root, "holds no images"),
        (lambda root: fakes.write(root / "x.zip", b""), "data=zip"),
        (lambda root: fakes.folder(root, ["a.png", "cat/b.png"]), "mixed"),
    ],
)
def test_bad_paths_say_what_to_type(tmp_path, make, message):
    path = make(tmp_path)
    with pytest.raises(UserError, match=message):
        Folder(path=path and str(path)).load()


@pytest.mark.parametrize(
    "argument",
    [
        {"size": 0}, {"size": "64"}, {"size": [1, 2, 3]}, {"size": 2.5}, {"size": True}, {"resize": "croop"},
        {"channels": 2}, {"pixel_limit": 0}, {"pixel_limit": 1.5}, {"on_error": "ignore"}, {"held_out": 1.0},
        {"held_out": -0.1}, {"labels": "yes"}, {"memory_limit_gb": 0}, {"memory_limit_gb": float("nan")},
    ],
)  # fmt: skip
def test_bad_arguments_are_named(argument):
    with pytest.raises(UserError, match=f"data.{next(iter(argument))}"):
        Folder(path="images", **argument)


def test_above_the_limit_images_lie_in_a_cache_file(tmp_path, monkeypatch):
    root = fakes.folder(tmp_path / "images", [f"{kind}/{name}" for kind in "ab" for name in NAMES])
    fakes.write(root / "a" / "zz.png", b"")
    arguments = {"path": str(root), "held_out": 0.3, "on_error": "skip"}
    cached = {"memory_limit_gb": 1e-6, "cache_dir": str(tmp_path / "cache")}
    inside = Folder(**arguments).load()
    outside = Folder(**arguments, **cached).load()
    assert outside.train.mapped
    assert not inside.train.mapped
    assert sorted(path.suffix for path in (tmp_path / "cache").iterdir()) == [".json", ".uint8"]
    monkeypatch.setattr("gan_zoo.data.cache.fill", None)  # a second run decodes nothing
    again = Folder(**arguments, **cached).load()
    for other in (outside, again):
        assert other.fingerprint == inside.fingerprint
        assert other.skipped == inside.skipped == ("a/zz.png",)
        for split in ("train", "held_out"):
            torch.testing.assert_close(getattr(other, split).values, getattr(inside, split).values)
            torch.testing.assert_close(getattr(other, split).labels, getattr(inside, split).labels)


def test_the_cache_follows_files_and_rules(tmp_path):
    root = fakes.folder(tmp_path / "images", NAMES)
    cached = {"path": str(root), "memory_limit_gb": 1e-6, "cache_dir": str(tmp_path / "cache")}
    first = Folder(**cached).load().fingerprint
    assert Folder(**cached, resize="pad", size=16).load().fingerprint != first
    fakes.write(root / NAMES[0], fakes.encoded(fakes.pixels(777)))
    assert Folder(**cached).load().fingerprint != first
    assert len(list((tmp_path / "cache").glob("*.json"))) == 3


def test_an_interrupted_cache_leaves_nothing(tmp_path):
    root = fakes.folder(tmp_path / "images", NAMES)
    fakes.write(root / "zz.png", b"")
    with pytest.raises(UserError, match=r"zz\.png"):
        Folder(path=str(root), memory_limit_gb=1e-6, cache_dir=str(tmp_path / "cache")).load()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_noticed_first(tmp_path, monkeypatch):
    root = fakes.folder(tmp_path / "images", NAMES)
    usage = namedtuple("usage", "total used free")(10, 9, 1)
    monkeypatch.setattr("gan_zoo.data.cache.shutil.disk_usage", lambda path: usage)
    with pytest.raises(UserError, match=r"data\.cache_dir"):
        Folder(path=str(root), memory_limit_gb=1e-6, cache_dir=str(tmp_path / "cache")).load()


def test_cached_facts_are_plain_data(tmp_path):
    root = fakes.folder(tmp_path / "images", NAMES)
    Folder(path=str(root), memory_limit_gb=1e-6, cache_dir=str(tmp_path / "cache")).load()
    (facts,) = (tmp_path / "cache").glob("*.json")
    assert set(json.loads(facts.read_text())) == {
        "train", "held_out", "skipped", "notes", "fingerprint", "bytes", "modified_ns"
    }  # fmt: skip
