import pytest

from gan_zoo import checkpoint


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a"
    checkpoint.write_bytes(path, b"old")

    def fail(file):
        file.write(b"ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        checkpoint.write_aside(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_name_appears_only_when_the_content_is_complete(tmp_path):
    path = tmp_path / "a"
    seen = []
    checkpoint.write_aside(path, lambda file: (file.write(b"new"), seen.append(path.exists())))
    assert seen == [False]
    assert path.read_bytes() == b"new"


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, order = tmp_path / "a", []
    monkeypatch.setattr("os.fsync", lambda number: order.append(path.exists()))
    checkpoint.write_bytes(path, b"new")
    assert order == [False, True]  # the file, then the name


def test_a_system_that_cannot_sync_folders_is_no_hindrance(tmp_path):
    checkpoint.sync_folder(tmp_path / "none")


def test_leftovers_of_killed_processes_are_removed(tmp_path):
    for name in (".last.ckpt.77.part", ".last.ckpt.78.link", "last.ckpt", ".other"):
        (tmp_path / name).write_bytes(b"")
    checkpoint.remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other", "last.ckpt"]
