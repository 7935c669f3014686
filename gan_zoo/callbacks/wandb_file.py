"""Reads back what Weights & Biases has written to this disk: the `.wandb` files of a run.

W&B keeps rows in memory for a while, so what was logged before a process was killed may not be there. Only
the file says what is.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# LevelDB's log format: blocks, in which a record is one piece or several, each behind checksum, length, type.
HEADER = 7  # bytes of the file, `:W&B` and a version, and of each piece
BLOCK = 32768
WHOLE, LAST, PADDING = 1, 4, 0


def records(path: Path) -> Iterator[Any]:
    """Yield the records of a `.wandb` file, as far as it is whole: a killed process leaves a torn end."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from wandb.proto import wandb_internal_pb2

    messages: Any = wandb_internal_pb2  # whose content is made when it is imported
    try:
        data = path.read_bytes()
    except OSError:
        return
    place, record = HEADER, b""
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        _, length, kind = struct.unpack_from("<IHB", data, place)
        if left < HEADER or kind == PADDING:
            place += left
            continue
        piece = data[place + HEADER : place + HEADER + length]
        if len(piece) < length:
            return
        place, record = place + HEADER + length, record + piece
        if kind in (WHOLE, LAST):
            message = messages.Record()
            try:
                message.ParseFromString(record)
            except DecodeError:
                return
            yield message
            record = b""


def history(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a `.wandb` file; the pieces of a picture have keys joined by dots."""
    for record in records(path):
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            yield {".".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}


def described(path: Path) -> dict[str, Any]:
    """Return the configuration, tags and job type that a `.wandb` file gives its run; empty if it is torn."""
    for record in records(path):
        if record.WhichOneof("record_type") == "run":
            items = record.run.config.update
            config = {item.key: json.loads(item.value_json) for item in items if item.key != "_wandb"}
            return {"config": config, "tags": list(record.run.tags), "job_type": record.run.job_type or None}
    return {}


def summary(paths: Iterable[Path]) -> dict[str, Any]:
    """Return the last value of each key in `.wandb` files, pictures and numbers of summaries included."""
    found: dict[str, Any] = {}
    for record in (record for path in paths for record in records(path)):
        kind = record.WhichOneof("record_type")
        items = {"history": record.history.item, "summary": record.summary.update}.get(kind, ())
        for item in items:
            *outer, last = item.nested_key or [item.key]
            if not (outer or [last])[0].startswith("_"):
                _place(found, outer)[last] = json.loads(item.value_json)
    return found


def _place(found: dict[str, Any], outer: Iterable[str]) -> dict[str, Any]:
    for key in outer:
        inner = found.get(key)
        found[key] = inner if isinstance(inner, dict) else {}
        found = found[key]
    return found


def files(save_dir: Path, run_id: str) -> list[Path]:
    """Return the `.wandb` files of a run in its folder, oldest first; one per process that wrote to it."""
    return sorted((save_dir / "wandb").glob(f"*run-*/run-{run_id}.wandb"))


def last_step(save_dir: Path, run_id: str) -> int:
    """Return the step of the last row that is on the disk, -1 without any."""
    steps = [int(row["_step"]) for path in files(save_dir, run_id) for row in history(path) if "_step" in row]
    return max(steps, default=-1)
