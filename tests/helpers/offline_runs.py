"""Reads what Weights & Biases recorded in a run's folder, without a server."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan_zoo.callbacks.wandb_file import records

WAIT_S = 5.0  # W&B's own process may write the end of a file a moment after a run has finished


@dataclass
class Recorded:
    """What one process sent.

    Attributes:
        path: of the `.wandb` file.
        run: the record of the run: id, project, group, name, tags, job type.
        config: by key, nested as it was given.
        rows: the history, in order.
        axes: the axis of each defined metric.
        files: that go with it.
        alerts: titles and texts.
        artifacts: of each its type, name, aliases, and where its files lie, by name.
        summary: last values.
        exit_code: None if the process did not say.
        preempting: whether it said that it goes on later.
        kinds: how many records of each kind there are.
    """

    path: Path
    run: Any = None
    config: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    axes: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    alerts: list[tuple[str, str]] = field(default_factory=list)
    artifacts: list[tuple[str, str, list[str], dict[str, Path]]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None
    preempting: bool = False
    kinds: Counter[str] = field(default_factory=Counter)

    def take(self, record: Any) -> None:
        kind = record.WhichOneof("record_type")
        self.kinds[kind] += 1
        if kind == "run":
            self.run = record.run
            self.config |= values(record.run.config.update)
        elif kind == "config":
            self.config |= values(record.config.update)
        elif kind == "history":
            self.rows.append(values(record.history.item))
        elif kind == "metric":
            self.axes[record.metric.name or record.metric.glob_name] = record.metric.step_metric
        elif kind == "files":
            self.files += [file.path for file in record.files.files]
        elif kind == "alert":
            self.alerts.append((record.alert.title, record.alert.text))
        elif kind == "artifact":
            found = record.artifact
            inside = {each.path: Path(each.local_path) for each in found.manifest.contents}
            self.artifacts.append((found.type, found.name, list(found.aliases), inside))
        elif kind == "summary":
            self.summary |= values(record.summary.update)
        elif kind == "exit":
            self.exit_code = record.exit.exit_code
        self.preempting |= kind == "preempting"


def values(items: Any) -> dict[str, Any]:
    """Return what items say by key; pictures and their like come in pieces, which are put together."""
    found: dict[str, Any] = {}
    for item in items:
        *path, last = list(item.nested_key) or [item.key]
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = json.loads(item.value_json)
    return found


def recorded(run_dir: Path) -> list[Recorded]:
    """Return what each process recorded, in order."""
    until = time.monotonic() + WAIT_S
    while True:
        found = []
        for path in sorted(run_dir.glob("wandb/*run-*/run-*.wandb")):
            one = Recorded(path)
            for record in records(path):
                one.take(record)
            found.append(one)
        if (found and found[-1].exit_code is not None) or time.monotonic() > until:
            return found
        time.sleep(0.05)


def all_rows(run_dir: Path) -> list[dict[str, Any]]:
    """Return the rows of all processes, without what the clock decides."""
    clock = ("_timestamp", "_runtime", "_wandb", "speed/images_per_second", "vitals/seconds")
    rows = [row for one in recorded(run_dir) for row in one.rows]
    return [{name: value for name, value in row.items() if name not in clock} for row in rows]
