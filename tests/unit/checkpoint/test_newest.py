import os

import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.checkpoint import newest_good
from gan_zoo.errors import UserError


@pytest.fixture
def folder(tmp_path, contents):
    """What a run leaves after 3000 images: two numbered ones, the newer one under two names."""
    for images in (2000, 3000):
        checkpoint.save(tmp_path / f"{checkpoint.image_name(images)}.ckpt", contents(images=images))
    os.link(tmp_path / "000003.000kimg.ckpt", tmp_path / "last.ckpt")
    return tmp_path


def truncate(path):
    content = path.read_bytes()
    path.unlink()  # leave the other name of the file alone
    path.write_bytes(content[:-5])


def test_the_last_one_is_the_newest_and_nothing_is_said(folder, capsys):
    assert newest_good(folder).name == "last.ckpt"
    assert capsys.readouterr().err == ""


def test_it_goes_back_over_damaged_ones_and_says_so(folder, capsys):
    truncate(folder / "last.ckpt")
    assert newest_good(folder).name == "000003.000kimg.ckpt"
    truncate(folder / "000003.000kimg.ckpt")
    capsys.readouterr()
    assert newest_good(folder).name == "000002.000kimg.ckpt"
    said = capsys.readouterr().err
    assert said.count("Passed over") == 2
    assert f"{folder / 'last.ckpt'} is damaged or truncated" in said
    assert f"Using {folder / '000002.000kimg.ckpt'}." in said


def test_a_damaged_disk_block_takes_both_names_of_a_file(folder, capsys):
    with (folder / "last.ckpt").open("r+b") as file:
        file.seek(700)
        byte = file.read(1)[0]
        file.seek(700)
        file.write(bytes([byte ^ 16]))
    assert newest_good(folder).name == "000002.000kimg.ckpt"


def test_a_numbered_one_that_a_kill_kept_from_becoming_the_last(folder, contents):
    checkpoint.save(folder / "000004.000kimg.ckpt", contents(images=4000))
    assert newest_good(folder).name == "000004.000kimg.ckpt"
    truncate(folder / "000004.000kimg.ckpt")
    assert newest_good(folder).name == "last.ckpt"


def test_the_interrupted_one_comes_last_and_is_not_called_exact(folder, contents, capsys):
    checkpoint.save(folder / "interrupted.ckpt", contents(images=3500))
    checkpoint.save(folder / "best-000001.000.ckpt", contents(images=1000))
    assert newest_good(folder).name == "last.ckpt"
    for name in ("last.ckpt", "000003.000kimg.ckpt", "000002.000kimg.ckpt"):
        truncate(folder / name)
    assert newest_good(folder).name == "best-000001.000.ckpt"
    (folder / "best-000001.000.ckpt").unlink()
    capsys.readouterr()
    assert newest_good(folder).name == "interrupted.ckpt"
    assert "not exact" in capsys.readouterr().err


def test_none_is_good(folder):
    for path in list(folder.iterdir()):
        truncate(path)
    with pytest.raises(UserError, match=r"last\.ckpt is damaged.*2 more of"):
        newest_good(folder)


def test_none_is_there(tmp_path):
    with pytest.raises(UserError, match="holds no checkpoint"):
        newest_good(tmp_path)
    with pytest.raises(UserError, match="holds no checkpoint"):
        newest_good(tmp_path / "nowhere")


def test_a_single_one_of_another_format_says_so(tmp_path, contents):
    torch.save(contents(format=99), tmp_path / "last.ckpt")
    with pytest.raises(UserError, match="format 99"):
        newest_good(tmp_path)
