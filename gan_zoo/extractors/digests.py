"""SHA-256 of weights, files and descriptions: what an extractor's id ends with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

ROWS = 4096  # rows handed to the hash at once, so that a memory-mapped set never lies in memory whole


def digest_tensors(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of named tensors, hexadecimal; names, types, shapes and values all count."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu()
        digest.update(f"{name}/{tensor.dtype}/{list(tensor.shape)}/".encode())
        for rows in tensor.split(ROWS) if tensor.ndim else (tensor,):
            digest.update(rows.contiguous().numpy().tobytes())
    return digest.hexdigest()


def digest_plain(description: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data, hexadecimal; the order of keys does not count."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
