"""The cache: trained once, never trusted blindly, never in the way."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gan_zoo.extractors import Classifier
from gan_zoo.extractors import classifier as module
from gan_zoo.extractors.classifier_cache import default_directory


@pytest.fixture
def trainings(monkeypatch):
    """Count how often a classifier is trained."""
    calls = []
    original = module.train_classifier

    def counted(*arguments):
        calls.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(module, "train_classifier", counted)
    return calls


def make(digits, cache, **options):
    return Classifier(digits, cache_dir=cache, progress=False, **{"epochs": 1, **options})


def cached_file(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


def test_the_second_time_nothing_is_trained_and_all_is_the_same(digits, tmp_path, trainings):
    first = make(digits, tmp_path / "cache")
    second = make(digits, tmp_path / "cache")
    assert len(trainings) == 1
    assert second.protocol() == first.protocol()
    images = digits.held_out_images[:30]
    assert torch.equal(second.features(images), first.features(images))
    assert "trained now; kept in" in first.note
    assert "read from" in second.note


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "0" * 64},
        {"classes": 11},
        {"held_out_labels": torch.zeros(0)},
        {"held_out_images": None},
    ],
)
def test_other_data_are_trained_on_anew(digits, tmp_path, trainings, change):
    make(digits, tmp_path)
    if "held_out_labels" in change:
        change = {"held_out_labels": (digits.held_out_labels + 1) % 10}
    make(replace(digits, **change), tmp_path)
    assert len(trainings) == 2
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("options", [{"seed": 1}, {"epochs": 2}])
def test_another_recipe_is_another_classifier(digits, tmp_path, trainings, options):
    make(digits, tmp_path)
    make(digits, tmp_path, **options)
    assert len(trainings) == 2


def test_other_labels_of_the_same_images_are_another_classifier(digits, tmp_path, trainings):
    make(digits, tmp_path)
    make(replace(digits, train_labels=(digits.train_labels + 1) % 10), tmp_path)
    assert len(trainings) == 2


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-1000])


def edit(path, change):
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)


def claim_accuracy(content):
    content["facts"]["test_accuracy"] = 1.0


def change_a_weight(content):
    content["weights"]["classes.bias"][0] += 1


def lose_a_weight(content):
    del content["weights"]["classes.bias"]


@pytest.mark.parametrize(
    "spoil",
    [
        flip_a_bit,
        cut_off,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no weights at all"),
        lambda path: torch.save([1, 2], path),
        lambda path: torch.save({"weights": {}, "facts": {}, "sha256": "", "seal": ""}, path),
        lambda path: edit(path, claim_accuracy),
        lambda path: edit(path, change_a_weight),
        lambda path: edit(path, lose_a_weight),
    ],
    ids=["bit", "cut", "empty", "text", "list", "hollow", "accuracy", "weight", "lost"],
)
def test_a_damaged_file_is_trained_anew_and_replaced(digits, tmp_path, trainings, spoil):
    first = make(digits, tmp_path)
    spoil(cached_file(tmp_path))
    second = make(digits, tmp_path)
    assert len(trainings) == 2
    assert "trained again, its file was damaged" in second.note
    assert second.protocol() == first.protocol()
    make(digits, tmp_path)
    assert len(trainings) == 2


def test_a_file_that_would_run_code_is_not_run(digits, tmp_path, trainings):
    make(digits, tmp_path)
    ran = tmp_path.parent / f"{tmp_path.name}-ran"

    class Bomb:
        def __reduce__(self):
            return Path.touch, (ran,)

    torch.save({"weights": Bomb()}, cached_file(tmp_path))
    make(digits, tmp_path)
    assert len(trainings) == 2
    assert not ran.exists()


def test_a_file_of_other_data_under_this_name_is_not_taken(digits, tmp_path, trainings):
    make(digits, tmp_path / "a")
    make(digits, tmp_path / "b", seed=1)
    cached_file(tmp_path / "b").replace(cached_file(tmp_path / "a"))
    make(digits, tmp_path / "a")
    assert len(trainings) == 3


def test_a_cache_that_cannot_be_written_does_not_stop_the_work(digits, tmp_path, trainings):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    extractor = make(digits, blocked)
    assert "could not be kept" in extractor.note
    assert extractor.test_accuracy is not None


def test_writing_leaves_nothing_half_done(digits, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    assert "disk full" in make(digits, tmp_path).note
    assert list(tmp_path.iterdir()) == []


def test_the_cache_lies_where_the_image_cache_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_ZOO_CACHE", str(tmp_path))
    assert default_directory() == tmp_path / "extractors"
    monkeypatch.delenv("GAN_ZOO_CACHE")
    assert default_directory() == Path.home() / ".cache" / "gan_zoo" / "extractors"
