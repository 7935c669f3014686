"""Writes the numbers of an evaluation back to the run of Weights & Biases that they are about."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_zoo.callbacks.csv_logger import FILE as TABLE
from gan_zoo.callbacks.csv_logger import STEP
from gan_zoo.callbacks.wandb_account import chosen_mode, give_a_home, run_settings
from gan_zoo.callbacks.wandb_file import described, files, summary
from gan_zoo.callbacks.wandb_identity import Identity, read_identity, sync_command

TIMEOUT_S = 20


def write_back(run_dir: Path, document: Mapping[str, Any]) -> str | None:
    """Add `evaluation/NAME` and `evaluation_floor/NAME` to the summary of a run.

    Online they are changed on the server, and the run keeps the state that it ended in. A run that was
    recorded offline gets a further record beside it, for the same `wandb sync`.

    Args:
        run_dir: of the run.
        document: the content of evaluation.json.

    Returns:
        What to tell about it, None for a run that W&B does not know.
    """
    identity = read_identity(run_dir)
    if identity is None or identity.mode == "disabled":
        return None
    values = numbers(document)
    if identity.mode == "online" and chosen_mode("auto") == "online":
        return _online(identity, values)
    return _offline(run_dir, identity, values)


def numbers(document: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of an evaluation by key of the summary.

    Example:
        >>> numbers({"numbers": {"ndb": {"value": 0.25, "floor": 0.05}}, "subject": {"kimg": 20.0}})
        {'evaluation/ndb': 0.25, 'evaluation_floor/ndb': 0.05, 'evaluation/at_kimg': 20.0}
    """
    found: dict[str, float] = {}
    for name, record in document["numbers"].items():
        for group, key in (("evaluation", "value"), ("evaluation_floor", "floor")):
            if record.get(key) is not None:
                found[f"{group}/{name}"] = record[key]
    kimg = document["subject"].get("kimg")
    return found if kimg is None else {**found, "evaluation/at_kimg": kimg}


def _online(identity: Identity, values: dict[str, float]) -> str:
    import wandb

    try:
        run = wandb.Api(timeout=TIMEOUT_S).run(identity.path)
        run.summary.update(values)
    except Exception as error:  # noqa: BLE001  (the numbers are on the disk, and the server may be gone)
        return f"not written to {identity.url}: {error}"
    return str(identity.url)


def _offline(run_dir: Path, identity: Identity, values: dict[str, float]) -> str:
    """Record the numbers beside the run; with its last ones, for a record replaces the summary before it."""
    import wandb

    give_a_home(run_dir)
    before = files(run_dir, identity.id)  # what a run is must be said again, else it is forgotten
    run = wandb.init(
        mode="offline", dir=run_dir, id=identity.id, resume="allow", reinit="create_new",
        project=identity.project, entity=identity.entity, name=identity.name, group=identity.group,
        settings=run_settings("offline", TIMEOUT_S, TIMEOUT_S), **(described(before[-1]) if before else {}),
    )  # fmt: skip
    try:
        run.summary.update({**summary(before), **last_values(run_dir), **values})
    finally:
        run.finish(exit_code=_exit_code(run_dir))
    return f"to upload it type {sync_command(run_dir)}"


def last_values(run_dir: Path) -> dict[str, float]:
    """Return the last finite value of each column of metrics.csv."""
    found: dict[str, float] = {}
    try:
        with (run_dir / TABLE).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {key: float(text) for key, text in row.items() if key and text and key != STEP}
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in found.items() if math.isfinite(value)}


def _exit_code(run_dir: Path) -> int:
    """Return the exit code that the run left with, so that its state stays what it is."""
    try:
        state = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))["state"]
    except (OSError, ValueError, KeyError):
        return 1
    return 0 if state in ("finished", "stopped") else 1
