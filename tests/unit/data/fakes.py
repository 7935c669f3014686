"""Files of every kind that sources read, made small for tests."""

import hashlib
import io
import pickle
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image


def pixels(index, height=8, width=8, channels=3):
    """Draw one image's pixels, [H, W, C] or [H, W]; another index gives other pixels."""
    values = np.random.default_rng(index).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return values[..., 0] if channels == 1 else values


def encoded(array, kind="PNG", **options):
    """Return the bytes of an image file."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(side):
    """Return an image file of a few bytes that claims `side` x `side` pixels."""
    content = encoded(np.zeros((8, 8), dtype=np.uint8), "BMP")
    return content[:18] + side.to_bytes(4, "little") * 2 + content[26:]


def write(path, content):
    """Write bytes, with the folders on the way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def folder(root, names, start=0, **form):
    """Write one image per name; the i-th has `pixels(start + i)`."""
    for index, name in enumerate(names, start):
        write(root / name, encoded(pixels(index, **form)))
    return root


def zipped(path, members):
    """Write a zip file of {name: bytes}."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def idx(root, kind="MNIST", train=40, test=12):
    """Write MNIST's four files under `root/kind/raw`; image i has `pixels(i)` and label i % 10."""
    raw = Path(root) / kind / "raw"
    for stem, count, start in (("train", train, 0), ("t10k", test, 1000)):
        images = np.stack([pixels(start + index, 28, 28, 1) for index in range(count)])
        labels = (np.arange(count) % 10).astype(np.uint8)
        write(raw / f"{stem}-images-idx3-ubyte", struct.pack(">IIII", 2051, count, 28, 28) + images.tobytes())
        write(raw / f"{stem}-labels-idx1-ubyte", struct.pack(">II", 2049, count) + labels.tobytes())
    return Path(root)


def cifar10(root, monkeypatch, per_batch=4):
    """Write CIFAR-10's files with few images, and tell torchvision their checksums."""
    from torchvision.datasets import CIFAR10

    base = Path(root) / CIFAR10.base_folder

    def save(name, content):
        return hashlib.md5(write(base / name, pickle.dumps(content)).read_bytes()).hexdigest()

    def batch(name, start):
        images = np.stack([pixels(start + index, 32, 32).transpose(2, 0, 1) for index in range(per_batch)])
        labels = [(start + index) % 10 for index in range(per_batch)]
        return [name, save(name, {"data": images.reshape(per_batch, -1), "labels": labels})]

    train = [batch(f"data_batch_{number}", 100 * number) for number in range(1, 6)]
    meta = {"label_names": [f"kind {index}" for index in range(10)]}
    monkeypatch.setattr(CIFAR10, "train_list", train)
    monkeypatch.setattr(CIFAR10, "test_list", [batch("test_batch", 900)])
    entry = {"filename": "batches.meta", "key": "label_names", "md5": save("batches.meta", meta)}
    monkeypatch.setattr(CIFAR10, "meta", entry)
    return Path(root)


def celeba(root, monkeypatch, images=9):
    """Write CelebA's tables and images: every third is a test image; odd ones smile."""
    from torchvision.datasets import CelebA

    base = Path(root) / "celeba"
    names = [f"{index:06d}.jpg" for index in range(1, images + 1)]
    for index, name in enumerate(names):
        write(base / "img_align_celeba" / name, encoded(pixels(index, 218, 178), "JPEG"))

    def table(file, head, rows):
        lines = [*head, *(f"{name} {row}" for name, row in zip(names, rows, strict=True))]
        write(base / file, ("\n".join(lines) + "\n").encode())

    count = [str(images)]
    table("list_eval_partition.txt", [], [2 if index % 3 == 2 else 0 for index in range(images)])
    table("identity_CelebA.txt", [], range(images))
    table("list_bbox_celeba.txt", [*count, "x_1 y_1 width height"], ["0 0 9 9"] * images)
    table("list_landmarks_align_celeba.txt", [*count, "a b"], ["1 2"] * images)
    smiles = [f"-1 {1 if index % 2 else -1}" for index in range(images)]
    table("list_attr_celeba.txt", [*count, "Bald Smiling"], smiles)
    monkeypatch.setattr(CelebA, "_check_integrity", lambda self: True)
    return Path(root)


class FakeLmdb:
    """As much of the package `lmdb` as reading needs: a database is a folder with one file per key."""

    Error = OSError

    def __init__(self, folder=None):
        self.folder = folder

    def open(self, path, **options):
        return FakeLmdb(Path(path))

    def begin(self, **options):
        return self

    cursor = begin

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def close(self):
        pass

    def iternext(self, **options):
        return (path.name.encode() for path in sorted(self.folder.iterdir()))

    def get(self, key):
        return (self.folder / key.decode()).read_bytes()


def lsun(root, monkeypatch, splits=("train", "val"), categories=("bedroom",), images=6):
    """Write LSUN's folders for `FakeLmdb`, and put that in the place of `lmdb`."""
    monkeypatch.setitem(sys.modules, "lmdb", FakeLmdb())
    for category in categories:
        for split in splits:
            names = [f"key{index}" for index in range(images)]
            folder(Path(root) / f"{category}_{split}_lmdb", names, start=1000 if split == "val" else 0)
    return Path(root)
