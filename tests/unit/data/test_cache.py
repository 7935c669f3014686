"""The cache file of decoded images: what happens when it is touched, also while a run reads it."""

import errno
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.data.folder import Folder
from gan_zoo.data.loader import Loader
from gan_zoo.data.watched import WatchedFile
from gan_zoo.errors import UserError
from tests.unit.data import fakes

NAMES = [f"{index:02d}.png" for index in range(12)]


@pytest.fixture
def source(tmp_path):
    fakes.folder(tmp_path / "images", NAMES)
    cache = tmp_path / "cache"
    return Folder(
        path=str(tmp_path / "images"), held_out=0.0, memory_limit_gb=1e-9, cache_dir=str(cache)
    ), cache


def file_of(cache, ending="uint8"):
    (file,) = cache.glob(f"*.{ending}")
    return file


def loader(dataset):
    return Loader(dataset.train, dataset.spec, lambda images: 4, total_images=1000, seed=0)


def test_a_file_that_shrinks_under_a_run_is_an_error_and_no_bus_error(source):
    folder, cache = source
    batches = iter(loader(folder.load()))
    next(batches)
    os.truncate(file_of(cache), 100)
    with pytest.raises(UserError, match=r"was changed while it was in use \(it had 2304 bytes and has 100\)"):
        next(batches)


def test_without_the_look_the_process_would_die(tmp_path):
    code = (
        "import os, sys, torch\n"
        "values = torch.from_file(sys.argv[1], shared=False, size=2**16, dtype=torch.uint8)\n"
        "os.truncate(sys.argv[1], 0)\n"
        "values.sum()\n"
    )
    fakes.write(tmp_path / "x", bytes(2**16))
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "x")], check=False, capture_output=True)
    assert done.returncode == -signal.SIGBUS


def test_a_file_that_is_overwritten_under_a_run_is_noticed(source):
    folder, cache = source
    batches = iter(loader(folder.load()))
    next(batches)
    file = file_of(cache)
    file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(UserError, match=r"Remove it and start again.*data\.cache_dir=DIR"):
        next(batches)


def test_a_file_that_is_removed_or_replaced_under_a_run_does_no_harm(source):
    folder, cache = source
    dataset = folder.load()
    before, after = iter(loader(dataset)), iter(loader(dataset))
    expected = [next(before)["samples"].clone() for _ in range(6)]
    for batch in expected[:3]:
        assert torch.equal(next(after)["samples"], batch)
    file = file_of(cache)
    file.unlink()
    file.write_bytes(b"something else")
    for batch in expected[3:]:
        assert torch.equal(next(after)["samples"], batch)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data, facts: os.truncate(data, 10),
        lambda data, facts: data.write_bytes(bytes(data.stat().st_size)),
        lambda data, facts: data.unlink(),
        lambda data, facts: facts.unlink(),
        lambda data, facts: facts.write_text("{"),
        lambda data, facts: facts.write_text("[]"),
        lambda data, facts: facts.write_text(json.dumps({"fingerprint": "x"})),
    ],
)
def test_a_file_that_was_changed_between_runs_is_made_anew(source, damage):
    folder, cache = source
    first = folder.load()
    expected = first.train.values.clone()
    damage(file_of(cache), file_of(cache, "json"))
    second = folder.load()
    torch.testing.assert_close(second.train.values, expected, rtol=0, atol=0)
    assert second.fingerprint == first.fingerprint
    second.train.file.check()


def test_the_place_on_the_disk_is_taken_before_images_are_decoded(source, monkeypatch):
    folder, cache = source

    def full(descriptor, start, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    monkeypatch.setattr("gan_zoo.data.cache.fill", None)
    with pytest.raises(UserError, match=r"No space left on device\. Type data\.cache_dir=DIR"):
        folder.load()
    assert list(cache.iterdir()) == []


def test_a_cache_file_has_no_holes(source):
    folder, cache = source
    folder.load()
    status = file_of(cache).stat()
    assert status.st_blocks * 512 >= status.st_size


def test_systems_without_reservation_write_zeros(source, monkeypatch):
    folder, _ = source
    expected = folder.load().fingerprint
    monkeypatch.delattr(os, "posix_fallocate")
    monkeypatch.setattr("gan_zoo.data.cache.ZEROS", 1000)
    monkeypatch.setattr("gan_zoo.data.cache.FORMAT", 0)
    assert folder.load().fingerprint == expected


def test_notes_come_out_of_the_cache(source, tmp_path):
    folder, _ = source
    fakes.folder(tmp_path / "images", ["copy.png"])
    (first, second) = (folder.load().notes for _ in range(2))
    assert first == second
    assert "1 of 13 training images are copies" in first[0]


def test_too_little_memory_is_a_message(source, monkeypatch):
    def refuse(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr("gan_zoo.data.cache.np.empty", refuse)
    with pytest.raises(UserError, match=r"Type a smaller data\.memory_limit_gb"):
        Folder(path=source[0].path).load()


def test_a_watched_file_is_closed_in_the_end(tmp_path):
    fakes.write(tmp_path / "x", b"abc")
    file = WatchedFile(tmp_path / "x")
    descriptor = file._descriptor
    file.check()
    del file
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_samples_in_memory_need_no_file():
    samples = Samples(torch.from_numpy(np.zeros((3, 1, 2, 2), dtype=np.uint8)))
    assert samples.file is None
