"""The data sets that torchvision knows, from small files of the same form, without a network."""

import pickle
import struct
import sys
import urllib.error
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_zoo.data.celeba import CelebA
from gan_zoo.data.cifar10 import Cifar10
from gan_zoo.data.fashion_mnist import FashionMnist
from gan_zoo.data.lsun import Lsun
from gan_zoo.data.mnist import Mnist
from gan_zoo.data.stacked_mnist import StackedMnist
from gan_zoo.errors import UserError
from tests.unit.data import fakes

IDX = [(Mnist, "MNIST"), (FashionMnist, "FashionMNIST")]


def grey(indices):
    return torch.from_numpy(np.stack([fakes.pixels(index, 28, 28, 1) for index in indices]))[:, None]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Refuse every connection."""

    def refuse(*arguments, **options):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


@pytest.mark.parametrize(("source", "kind"), IDX)
def test_mnist_is_read_as_it_is(tmp_path, source, kind):
    dataset = source(root=str(fakes.idx(tmp_path, kind)), size=28).load()
    torch.testing.assert_close(dataset.train.values, grey(range(40)))
    torch.testing.assert_close(dataset.held_out.values, grey(range(1000, 1012)))
    assert dataset.train.labels.tolist() == [index % 10 for index in range(40)]
    assert dataset.spec.classes == len(dataset.spec.class_names) == 10


def test_thirty_two_pixels_are_a_border(tmp_path):
    values = Mnist(root=str(fakes.idx(tmp_path)), size=32).load().train.values
    torch.testing.assert_close(values[:, :, 2:-2, 2:-2], grey(range(40)))
    assert values.sum() == values[:, :, 2:-2, 2:-2].sum()


def test_other_sizes_are_bicubic(tmp_path):
    values = Mnist(root=str(fakes.idx(tmp_path)), size=16).load().train.values
    expected = Image.fromarray(fakes.pixels(0, 28, 28, 1)).resize((16, 16), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(values[0, 0], np.asarray(expected))


def test_existing_files_are_only_read(tmp_path):
    root = fakes.idx(tmp_path / "data")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    Mnist(root=str(root), download=True).load()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("source", [Mnist, FashionMnist, Cifar10, StackedMnist, CelebA])
@pytest.mark.parametrize("download", [True, False])
def test_missing_files_say_what_to_type(tmp_path, source, download, capsys):
    with pytest.raises(UserError, match=r"data\.root=") as caught:
        source(root=str(tmp_path / "absent"), download=download).load()
    assert ("data.download=true" in str(caught.value)) == (not download)
    assert not (tmp_path / "absent").exists()


def test_stacks_are_three_digits_with_their_number(tmp_path):
    dataset = StackedMnist(root=str(fakes.idx(tmp_path)), size=28, samples=500, held_out_samples=60).load()
    assert dataset.spec.shape == (3, 28, 28)
    assert dataset.spec.classes == 1000
    assert dataset.spec.class_names[42] == "042"
    known = {grey([index]).numpy().tobytes(): index % 10 for index in range(40)}
    known |= {grey([1000 + index]).numpy().tobytes(): index % 10 for index in range(12)}
    for samples in (dataset.train, dataset.held_out):
        digits = [[known[channel.numpy().tobytes()] for channel in image] for image in samples.values]
        assert samples.labels.tolist() == [100 * a + 10 * b + c for a, b, c in digits]
    assert len(set(dataset.train.labels.tolist())) > 250


def test_held_out_stacks_are_made_of_test_digits(tmp_path):
    dataset = StackedMnist(root=str(fakes.idx(tmp_path)), size=28, samples=50, held_out_samples=50).load()
    train, test = ({channel.numpy().tobytes() for image in samples.values for channel in image}
                   for samples in (dataset.train, dataset.held_out))  # fmt: skip
    assert not train & test


def test_stacks_follow_their_own_seed(tmp_path):
    fakes.idx(tmp_path)
    prints = [
        StackedMnist(root=str(tmp_path), samples=50, seed=seed).load().fingerprint for seed in (123, 123, 7)
    ]
    assert prints[0] == prints[1] != prints[2]
    assert StackedMnist().seed == 123
    assert StackedMnist().samples == 128_000


def test_cifar10(tmp_path, monkeypatch):
    dataset = Cifar10(root=str(fakes.cifar10(tmp_path, monkeypatch)), download=False).load()
    assert len(dataset.train) == 20
    assert len(dataset.held_out) == 4
    expected = fakes.pixels(101, 32, 32).transpose(2, 0, 1)
    np.testing.assert_array_equal(dataset.train.values[1], expected)
    assert dataset.train.labels[:4].tolist() == [0, 1, 2, 3]
    assert dataset.spec.class_names[3] == "kind 3"
    assert Cifar10(root=str(tmp_path), size=16, download=False).load().train.values.shape == (20, 3, 16, 16)


def test_celeba_has_its_own_splits_and_no_labels_by_default(tmp_path, monkeypatch):
    root = str(fakes.celeba(tmp_path, monkeypatch))
    dataset = CelebA(root=root, size=16, download=False).load()
    assert dataset.spec.shape == (3, 16, 16)
    assert (len(dataset.train), len(dataset.held_out), dataset.spec.classes) == (6, 3, 0)
    assert dataset.train.labels is None
    smiling = CelebA(root=root, size=16, download=False, attribute="Smiling").load()
    assert smiling.train.labels.tolist() == [0, 1, 1, 0, 0, 1]
    assert sorted(smiling.held_out.labels.tolist()) == [0, 0, 1]
    assert smiling.spec.class_names == ("not Smiling", "Smiling")


def test_celeba_shows_the_central_square(tmp_path, monkeypatch):
    root = fakes.celeba(tmp_path, monkeypatch)
    image = Image.open(root / "celeba" / "img_align_celeba" / "000001.jpg")
    dataset = CelebA(root=str(root), size=178, download=False).load()
    np.testing.assert_array_equal(dataset.train.values[0], np.asarray(image)[20:198].transpose(2, 0, 1))


def test_celeba_knows_its_attributes(tmp_path, monkeypatch):
    root = str(fakes.celeba(tmp_path, monkeypatch))
    with pytest.raises(UserError, match="Did you mean 'Smiling'"):
        CelebA(root=root, download=False, attribute="Smilling").load()


def test_lsun_holds_its_validation_images_out(tmp_path, monkeypatch):
    dataset = Lsun(root=str(fakes.lsun(tmp_path, monkeypatch)), size=8).load()
    assert (len(dataset.train), len(dataset.held_out), dataset.spec.classes) == (6, 6, 0)
    np.testing.assert_array_equal(dataset.train.values[2], fakes.pixels(2).transpose(2, 0, 1))


def test_lsun_categories_are_classes(tmp_path, monkeypatch):
    root = fakes.lsun(tmp_path, monkeypatch, ("train",), ("bedroom", "tower"))
    dataset = Lsun(root=str(root), categories=["bedroom", "tower"], size=8, limit=4, held_out=0.0).load()
    assert dataset.train.labels.tolist() == [0] * 4 + [1] * 4
    assert dataset.spec.class_names == ("bedroom", "tower")


def test_lsun_says_what_is_missing(tmp_path, monkeypatch):
    fakes.lsun(tmp_path, monkeypatch)
    with pytest.raises(UserError, match="tower_train_lmdb"):
        Lsun(root=str(tmp_path), categories=["tower"]).load()
    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(UserError, match="pip install"):
        Lsun(root=str(tmp_path)).load()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train-labels-idx1-ubyte", struct.pack(">II", 2049, 40) + bytes(range(5, 45))),  # labels up to 44
        ("train-labels-idx1-ubyte", struct.pack(">II", 2049, 39) + bytes(39)),  # one too few
        ("train-labels-idx1-ubyte", struct.pack(">II", 2049, 40) + bytes(7)),  # cut
        ("train-images-idx3-ubyte", struct.pack(">IIII", 2051, 40, 28, 28) + bytes(999)),
        ("train-images-idx3-ubyte", struct.pack(">IIII", 2051, 40, 8, 8) + bytes(40 * 64)),
        ("train-images-idx3-ubyte", b""),
        ("train-images-idx3-ubyte", b"something else"),
    ],
)
@pytest.mark.parametrize("source", [Mnist, StackedMnist])
def test_damaged_files_are_refused(tmp_path, source, name, content):
    fakes.write(fakes.idx(tmp_path) / "MNIST" / "raw" / name, content)
    with pytest.raises(UserError, match=r"data\.root"):
        source(root=str(tmp_path), download=False).load()


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("proof"),))


def test_a_pickle_that_is_not_cifar10_s_own_is_never_opened(tmp_path, monkeypatch):
    """CIFAR-10 comes as pickles; torchvision opens them only where their checksum is the published one."""
    fakes.cifar10(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    for name in ("data_batch_3", "batches.meta"):
        kept = (tmp_path / "cifar-10-batches-py" / name).read_bytes()
        (tmp_path / "cifar-10-batches-py" / name).write_bytes(pickle.dumps(Evil()))
        with pytest.raises(UserError, match=r"data\.root"):
            Cifar10(root=str(tmp_path), download=False).load()
        (tmp_path / "cifar-10-batches-py" / name).write_bytes(kept)
    assert not (tmp_path / "proof").exists()


def test_a_pickle_in_the_place_of_mnist_is_refused(tmp_path, monkeypatch):
    """Torchvision still looks for files of its old format."""
    monkeypatch.chdir(tmp_path)
    root = fakes.idx(tmp_path)
    for name in ("training.pt", "test.pt"):
        (root / "MNIST" / "processed").mkdir(exist_ok=True)
        torch.save(Evil(), root / "MNIST" / "processed" / name)
    with pytest.raises(UserError, match=r"data\.root"):
        Mnist(root=str(root), download=False).load()
    assert not (tmp_path / "proof").exists()


def test_damaged_databases_are_named(tmp_path, monkeypatch):
    lsun = Lsun(root=str(fakes.lsun(tmp_path, monkeypatch)), size=8)

    def damaged(self, key=None, **options):
        raise fakes.FakeLmdb.Error("MDB_CORRUPTED")

    monkeypatch.setattr(fakes.FakeLmdb, "get", damaged)
    with pytest.raises(UserError, match=r"bedroom_train_lmdb/key0: the database is damaged: MDB_CORRUPTED"):
        lsun.load()
    monkeypatch.setattr(fakes.FakeLmdb, "get", lambda self, key: None)
    with pytest.raises(UserError, match="it has vanished from the database"):
        lsun.load()
    monkeypatch.setattr(fakes.FakeLmdb, "iternext", damaged)
    with pytest.raises(UserError, match="bedroom_train_lmdb is damaged"):
        lsun.load()


def test_a_photo_of_celeba_that_vanished_is_named(tmp_path, monkeypatch):
    root = fakes.celeba(tmp_path, monkeypatch)
    (root / "celeba" / "img_align_celeba" / "000002.jpg").unlink()
    with pytest.raises(UserError, match=r"000002\.jpg: No such file"):
        CelebA(root=str(root), download=False, size=16).load()
