"""No bit of a checkpoint changes unnoticed, and nothing that changed reaches torch."""

import io
import zipfile

import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.checkpoint.seal import DamagedError, SealedFile, check_seal, write_sealed
from gan_zoo.errors import UserError


@pytest.fixture
def sealed(contents):
    file = io.BytesIO()
    write_sealed(contents(), file)
    return file.getvalue()


def refused(content):
    try:
        return not check_seal(io.BytesIO(content))
    except DamagedError:
        return True


def test_a_whole_file_is_good_and_every_reader_of_zip_files_opens_it(sealed):
    assert check_seal(io.BytesIO(sealed))
    with zipfile.ZipFile(io.BytesIO(sealed)) as archive:
        assert archive.testzip() is None
        assert archive.comment.startswith(b"gan_zoo checkpoint, sha256")
    assert torch.load(io.BytesIO(sealed), weights_only=True)["images"] == 5


def test_every_truncation_is_noticed(sealed):
    assert all(refused(sealed[:length]) for length in range(len(sealed)))


def test_every_flipped_bit_is_noticed(sealed):
    content = bytearray(sealed)
    for place in range(len(content)):
        for bit in range(8):
            content[place] ^= 1 << bit
            assert refused(content), f"bit {bit} of byte {place}"
            content[place] ^= 1 << bit
    assert not refused(content)


@pytest.mark.parametrize("more", [b"\0", b"PK\x05\x06" + b"\0" * 18])  # the second hides the seal
def test_what_was_appended_is_noticed(tmp_path, sealed, more):
    path = tmp_path / "a.ckpt"
    path.write_bytes(sealed + more)
    with pytest.raises(UserError, match=r"a\.ckpt is damaged"):
        checkpoint.load(path)


def test_damage_is_reported_with_the_file_and_before_torch_sees_it(tmp_path, contents, monkeypatch):
    path = tmp_path / "a.ckpt"
    checkpoint.save(path, contents())
    whole = path.read_bytes()
    seen = []
    monkeypatch.setattr(torch, "load", lambda *arguments, **options: seen.append(arguments))
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole.replace(b"storage", b"Storage", 1)):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"a\.ckpt is damaged or truncated"):
            checkpoint.load(path)
    assert seen == []


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_of_format_1_is_noticed(tmp_path, contents, share):
    path = tmp_path / "a.ckpt"
    torch.save(contents(format=1), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UserError, match="damaged or truncated"):
        checkpoint.load(path)


def test_a_flipped_weight_of_format_1_is_noticed_though_torch_loads_it(tmp_path, contents):
    path = tmp_path / "a.ckpt"
    torch.save(contents(format=1), path)
    weights = torch.arange(6.0).numpy().tobytes()
    flipped = path.read_bytes().replace(weights, bytes([weights[0] ^ 1]) + weights[1:])
    path.write_bytes(flipped)
    torch.load(path, weights_only=True)
    with pytest.raises(UserError, match="does not match its checksum"):
        checkpoint.load(path)


@pytest.mark.parametrize("sizes", [[100], [30, 22], [1, 2, 3, 60, 5, 5, 12], [21, 1, 10, 22], [22]])
def test_the_last_record_is_held_however_the_writes_are_cut(sizes):
    content = bytes(range(256))[: sum(sizes) - 22] + b"PK\x05\x06" + b"\0" * 18
    file = io.BytesIO()
    sealing, place = SealedFile(file), 0
    for size in sizes:
        assert sealing.write(memoryview(content)[place : place + size]) == size
        place += size
    assert file.getvalue() == content[:-22]
    sealing.seal()
    assert file.getvalue()[: len(content) - 2] == content[:-2]
    assert check_seal(io.BytesIO(file.getvalue()))


def test_what_is_no_zip_file_cannot_be_sealed():
    sealing = SealedFile(io.BytesIO())
    sealing.write(b"x" * 100)
    with pytest.raises(RuntimeError, match="cannot be sealed"):
        sealing.seal()


class Full(io.BytesIO):
    def write(self, data):
        if self.tell() + len(data) > 1500:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_a_full_disk_is_reported_as_one(contents):
    with pytest.raises(OSError, match="No space left") as caught:
        write_sealed(contents(), Full())
    assert caught.value.errno == 28
