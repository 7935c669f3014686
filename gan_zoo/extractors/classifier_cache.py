"""Trained classifiers on the disk: one file each, named by all that decided its weights.

A file that is damaged, or whose content does not fit its own seal, counts as missing. Nothing in it is run.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo.extractors.digests import digest_plain, digest_tensors

ZIP_MAGIC = b"PK\x03\x04"
UNREADABLE = (OSError, pickle.UnpicklingError, RuntimeError, EOFError, KeyError, AttributeError, ValueError)


@dataclass(frozen=True)
class Trained:
    """A trained classifier.

    Attributes:
        weights: by name, on the CPU.
        facts: plain data about its training, such as the test accuracy.
        sha256: of the weights.
    """

    weights: dict[str, Tensor]
    facts: dict[str, Any]
    sha256: str


def default_directory() -> Path:
    """Return where classifiers are kept: `extractors` in GAN_ZOO_CACHE, or in ~/.cache/gan_zoo."""
    return Path(os.environ.get("GAN_ZOO_CACHE") or "~/.cache/gan_zoo").expanduser() / "extractors"


def read(path: Path, key: str, form: Mapping[str, tuple[int, ...]]) -> Trained | None:
    """Return what an earlier run kept, or None if it is damaged or something else.

    Args:
        path: an existing file.
        key: all that decides the weights, as a hash.
        form: shape of each weight.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
                return None
        found = torch.load(path, map_location="cpu", weights_only=True)
        trained = Trained(dict(found["weights"]), dict(found["facts"]), found["sha256"])
        shapes = {name: tuple(value.shape) for name, value in trained.weights.items()}
        intact = shapes == dict(form) and digest_tensors(trained.weights) == trained.sha256
        return trained if intact and found["seal"] == _seal(key, trained) else None
    except (*UNREADABLE, TypeError):
        return None


def write(path: Path, key: str, trained: Trained) -> str:
    """Keep a classifier: written aside, then renamed. Return what went wrong, or an empty text."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    content = {
        "weights": trained.weights,
        "facts": trained.facts,
        "sha256": trained.sha256,
        "seal": _seal(key, trained),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        return str(error)
    finally:
        _remove(aside)
    return ""


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # a folder on the way is a file, or may not be written: then there is nothing to remove
        return


def _seal(key: str, trained: Trained) -> str:
    return digest_plain({"key": key, "facts": trained.facts, "sha256": trained.sha256})
