import io
import pickle

import numpy as np
import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec


def contents(**changes):
    spec = checkpoint.plain_spec(DataSpec("digits", (1, 8, 8), 2, ("a", "b")))
    game = {"networks": {"generator": {"weight": torch.arange(6.0).view(2, 3).t()}}, "phase": None}
    whole = {
        "format": checkpoint.FORMAT, "config": {"lr": 0.1}, "spec": spec, "fingerprint": "f",
        "versions": checkpoint.versions(), "images": 5, "game": game,
    }  # fmt: skip
    return {**whole, **changes}


def test_what_is_saved_comes_back_with_its_strides(tmp_path):
    path = tmp_path / "deep" / "a.ckpt"
    checkpoint.save(path, contents())
    loaded = checkpoint.load(path)
    weight = loaded["game"]["networks"]["generator"]["weight"]
    assert torch.equal(weight, torch.arange(6.0).view(2, 3).t())
    assert weight.stride() == (1, 3)
    assert checkpoint.read_spec(loaded["spec"]) == DataSpec("digits", (1, 8, 8), 2, ("a", "b"))
    assert list(path.parent.iterdir()) == [path]


def test_every_package_has_a_version():
    assert all(checkpoint.versions().values())


@pytest.mark.parametrize(
    "value", [np.float64(1.0), {1, 2}, io.StringIO(), torch.float32, DataSpec("a", (1,))]
)
def test_what_would_not_load_is_not_saved(tmp_path, value):
    with pytest.raises(TypeError, match=r"config\.deep\[0\]"):
        checkpoint.save(tmp_path / "a.ckpt", contents(config={"deep": [value]}))
    assert not list(tmp_path.iterdir())


def test_missing(tmp_path):
    with pytest.raises(UserError, match="no checkpoint"):
        checkpoint.load(tmp_path / "a.ckpt")


@pytest.mark.parametrize("content", [b"", b"hello", pickle.dumps({"format": 1})])
def test_not_a_checkpoint(tmp_path, content):
    path = tmp_path / "a.ckpt"
    path.write_bytes(content)
    with pytest.raises(UserError, match="not a checkpoint"):
        checkpoint.load(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated(tmp_path, share):
    path = tmp_path / "a.ckpt"
    checkpoint.save(path, contents())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UserError, match="damaged or truncated"):
        checkpoint.load(path)


class Evil:
    def __reduce__(self):
        return (print, ("executed",))


def test_code_is_refused_and_not_run(tmp_path, capsys):
    path = tmp_path / "a.ckpt"
    torch.save(contents(config=Evil()), path)
    with pytest.raises(UserError, match="foreign"):
        checkpoint.load(path)
    assert capsys.readouterr().out == ""


def test_other_files_of_torch(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save({"state_dict": {}}, path)
    with pytest.raises(UserError, match="not written by gan_zoo"):
        checkpoint.load(path)


def test_another_format(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save(contents(format=99, versions={"gan_zoo": "9.0"}), path)
    with pytest.raises(UserError, match=r"format 99.*reads 1.*gan_zoo 9\.0"):
        checkpoint.load(path)


def test_a_checkpoint_that_lacks_a_part(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save({"format": 1, "game": {}}, path)
    with pytest.raises(UserError, match="lacks config, spec"):
        checkpoint.load(path)


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
