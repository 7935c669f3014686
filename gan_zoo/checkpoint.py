"""Checkpoints: tensors, numbers and plain containers in one file that is complete at every instant.

A checkpoint holds `format`, `config` (resolved, plain), `spec` and `fingerprint` (of the data), `versions`,
`images` and `game` (`Game.state_dict()`). It loads with `weights_only=True`: opening one runs no code.
"""

from __future__ import annotations

import os
import pickle
import platform
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec
from gan_zoo.version import VERSION

FORMAT = 1
KEYS = ("format", "config", "spec", "fingerprint", "versions", "images", "game")
PACKAGES = {
    "torch": "torch",
    "torchvision": "torchvision",
    "pytorch_lightning": "pytorch-lightning",
    "hydra": "hydra-core",
}
PLAIN = (type(None), bool, int, float, str, Tensor, torch.nn.Parameter)
ZIP_MAGIC = b"PK\x03\x04"


def versions() -> dict[str, str | None]:
    """Return the versions of Python, of gan_zoo and of what it stands on; None where one is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version(), "gan_zoo": VERSION}
    for name, package in PACKAGES.items():
        try:
            found[name] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def plain_spec(spec: DataSpec) -> dict[str, Any]:
    """Return the data's declaration as plain containers."""
    return asdict(spec)


def read_spec(plain: Mapping[str, Any]) -> DataSpec:
    """Return the declaration that `plain_spec` wrote down."""
    sequences = {name: tuple(plain[name]) for name in ("shape", "class_names")}
    return DataSpec(**{**plain, **sequences})


def write_aside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `path`, force it to the disk, and only then give it the name `path`.

    Whoever opens `path` therefore finds the old file or the new one, and never a part of one.

    Raises:
        OSError: if the disk refuses; `path` is then what it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file aside and rename it."""
    write_aside(path, lambda file: file.write(content))


def not_plain(value: Any, at: str = "") -> Iterator[str]:
    """Yield where `value` holds anything that `weights_only=True` would refuse to load."""
    if type(value) in (dict, OrderedDict):
        for key, item in value.items():
            yield from not_plain(key, f"{at}[key]")
            yield from not_plain(item, f"{at}.{key}" if at else str(key))
    elif type(value) in (list, tuple):
        for index, item in enumerate(value):
            yield from not_plain(item, f"{at}[{index}]")
    elif type(value) not in PLAIN:  # exactly these: a numpy float is a float, but is pickled as numpy's
        yield f"{at} ({type(value).__name__})"


def save(path: Path, contents: Mapping[str, Any]) -> None:
    """Write a checkpoint aside, then rename it.

    Raises:
        TypeError: if `contents` holds anything but tensors, numbers, texts and plain containers.
        OSError: if the disk refuses.
    """
    foreign = list(not_plain(dict(contents)))
    if foreign:
        raise TypeError(f"A checkpoint holds plain data only, but got {', '.join(foreign[:5])}.")
    write_aside(path, lambda file: torch.save(dict(contents), file))


def load(path: Path, device: str | torch.device = "cpu") -> dict[str, Any]:
    """Read a checkpoint without running anything that it might hold.

    Raises:
        UserError: if the file is missing, damaged, from elsewhere, of another format, or more than data.
    """
    contents = _read(path, device)
    if not isinstance(contents, dict) or "format" not in contents:
        raise UserError(f"{path} was not written by gan_zoo: it has no 'format'.")
    if contents["format"] != FORMAT:
        raise UserError(
            f"{path} has checkpoint format {contents['format']!r}; gan_zoo {VERSION} reads {FORMAT}. "
            f"It was written by gan_zoo {writer(contents)}: install that version to read it."
        )
    missing = [key for key in KEYS if key not in contents]
    if missing:
        raise UserError(f"{path} is not a complete checkpoint: it lacks {', '.join(missing)}.")
    return contents


def writer(contents: Mapping[str, Any]) -> str:
    """Return the version of gan_zoo that wrote a checkpoint, `?` where it does not say."""
    written_by = contents.get("versions")
    return str(written_by.get("gan_zoo", "?")) if isinstance(written_by, dict) else "?"


def _read(path: Path, device: str | torch.device) -> Any:
    if not path.is_file():
        raise UserError(f"There is no checkpoint {path}. Give run=DIR, or a file in DIR/checkpoints.")
    try:
        with path.open("rb") as file:
            magic = file.read(len(ZIP_MAGIC))
        if magic != ZIP_MAGIC:  # before torch sees it: its reader for old files tries to unpickle anything
            raise UserError(f"{path} is not a checkpoint: {path.stat().st_size} bytes of something else.")
        return torch.load(path, map_location=device, weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path} was refused: it holds more than tensors and plain data, and loading that could run "
            f"foreign code. gan_zoo never writes such files; get the checkpoint from whoever trained it."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (RuntimeError, EOFError, KeyError, AttributeError) as error:
        raise UserError(
            f"{path} is damaged or truncated ({path.stat().st_size} bytes). Copy it again, or give another "
            f"checkpoint of the run, such as one of {path.parent}/*.ckpt."
        ) from error
