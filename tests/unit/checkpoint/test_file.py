import io
import pickle
import zipfile

import numpy as np
import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec


def test_what_is_saved_comes_back_with_its_strides(tmp_path, contents):
    path = tmp_path / "deep" / "a.ckpt"
    checkpoint.save(path, contents())
    loaded = checkpoint.load(path)
    weight = loaded["game"]["networks"]["generator"]["weight"]
    assert torch.equal(weight, torch.arange(6.0).view(2, 3).t())
    assert weight.stride() == (1, 3)
    assert checkpoint.read_spec(loaded["spec"]) == DataSpec("digits", (1, 8, 8), 2, ("a", "b"))
    assert loaded["observers"] == {"metrics": {"a": 1.0}}
    assert list(path.parent.iterdir()) == [path]


def test_on_meta_everything_is_checked_and_no_tensor_is_read(tmp_path, contents):
    path = tmp_path / "a.ckpt"
    checkpoint.save(path, contents())
    loaded = checkpoint.load(path, "meta")
    assert loaded["images"] == 5
    assert loaded["game"]["networks"]["generator"]["weight"].is_meta


@pytest.mark.parametrize(
    "value", [np.float64(1.0), {1, 2}, io.StringIO(), torch.float32, DataSpec("a", (1,))]
)
def test_what_would_not_load_is_not_saved(tmp_path, value, contents):
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
    with pytest.raises(UserError, match=r"a\.ckpt is not a checkpoint"):
        checkpoint.load(path)


class Evil:
    def __reduce__(self):
        return (print, ("executed",))


@pytest.mark.parametrize("sealed", [True, False])
def test_code_is_refused_and_not_run(tmp_path, capsys, contents, sealed, monkeypatch):
    path = tmp_path / "a.ckpt"
    if sealed:  # a seal is no signature: whoever writes a file can seal it
        monkeypatch.setattr("gan_zoo.checkpoint.file.not_plain", lambda value: [])
        checkpoint.save(path, contents(config=Evil()))
    else:
        torch.save(contents(config=Evil()), path)
    with pytest.raises(UserError, match="foreign"):
        checkpoint.load(path)
    assert capsys.readouterr().out == ""


def test_other_files_of_torch(tmp_path):
    path = tmp_path / "a.ckpt"
    torch.save({"state_dict": {}}, path)
    with pytest.raises(UserError, match="not written by gan_zoo"):
        checkpoint.load(path)


def test_other_zip_files(tmp_path):
    path = tmp_path / "a.ckpt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pictures/a.png", b"x")
    with pytest.raises(UserError, match="torch cannot read it"):
        checkpoint.load(path)


@pytest.mark.parametrize(("written", "shown"), [(99, "99"), (True, "True"), ("two", "'two'"), (0, "0")])
def test_another_format(tmp_path, contents, written, shown):
    path = tmp_path / "a.ckpt"
    torch.save(contents(format=written, versions={"gan_zoo": "9.0"}), path)
    with pytest.raises(UserError, match=rf"format {shown}; .*reads 1, 2.*gan_zoo 9\.0"):
        checkpoint.load(path)


@pytest.mark.parametrize("written", [1, 2])
def test_a_checkpoint_that_lacks_a_part(tmp_path, written):
    path = tmp_path / "a.ckpt"
    torch.save({"format": written, "game": {}}, path)
    with pytest.raises(UserError, match="lacks config, spec"):
        checkpoint.load(path)


def test_a_part_of_another_kind(tmp_path, contents):
    path = tmp_path / "a.ckpt"
    checkpoint.save(path, contents(images="many"))
    with pytest.raises(UserError, match=r"images \(str\)"):
        checkpoint.load(path)


def test_what_format_1_wrote_is_read(tmp_path, contents):
    old = contents(format=1)
    del old["observers"], old["environment"]
    path = tmp_path / "a.ckpt"
    torch.save(old, path)
    loaded = checkpoint.load(path)
    assert (loaded["format"], loaded["observers"], loaded["environment"]) == (checkpoint.FORMAT, {}, {})
    assert set(loaded) == set(checkpoint.KEYS)


def test_format_2_without_its_seal_is_refused(tmp_path, contents):
    path = tmp_path / "a.ckpt"
    torch.save(contents(), path)
    with pytest.raises(UserError, match="lost its checksum"):
        checkpoint.load(path)


def test_a_file_that_cannot_be_read(tmp_path, contents, monkeypatch):
    path = tmp_path / "a.ckpt"
    checkpoint.save(path, contents())

    def refuse(file):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gan_zoo.checkpoint.file.check_seal", refuse)
    with pytest.raises(UserError, match=r"a\.ckpt cannot be read: Input/output error"):
        checkpoint.load(path)
