"""A run that goes on: what it was, what may change, and where it stands. Nothing is written here."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from gan_zoo import checkpoint
from gan_zoo.callbacks.loggers import go_on
from gan_zoo.callbacks.observer import Observer, by_state_key
from gan_zoo.config.schema import RunConfig
from gan_zoo.config.started import is_finished, read_started
from gan_zoo.data.base import Dataset
from gan_zoo.errors import UserError
from gan_zoo.version import versions

FREE = (
    "run_dir", "guard", "plugins", "init_from", "data.root", "data.path", "data.download",
    "trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.threads",
)  # fmt: skip
BUDGET = "kimg"
MISSING = object()


@dataclass(frozen=True)
class Continuation:
    """Where a run stands, and with what it goes on.

    Attributes:
        path: of the checkpoint.
        saved: its content.
        config: the resolved configuration to go on with.
        notes: what differs from the process that saved it, so that bits may differ too.
    """

    path: Path
    saved: dict[str, Any]
    config: dict[str, Any]
    notes: list[str]

    @property
    def images(self) -> int:
        """Real images that the run has seen."""
        return int(self.saved["images"])

    @property
    def line(self) -> str:
        """What is said at the start."""
        return f"Resuming from {self.path} at {self.images / 1000:.1f} of {self.config[BUDGET]:g} kimg."


def continuation(config: RunConfig) -> Continuation | None:
    """Return how the run in `config.run_dir` goes on, or None if it has saved nothing yet.

    Raises:
        UserError: if what is asked for would change what the run computes, if it has reached its end, or if
            none of its checkpoints can be read.
    """
    run_dir = Path(config.run_dir)
    if not any((run_dir / "checkpoints").glob("*.ckpt")):
        return None
    path = checkpoint.newest_good(run_dir / "checkpoints")
    saved = checkpoint.load(path)
    asked = config.to_plain()
    plain = changed_config(saved["config"], differences(read_started(run_dir).asked, asked))
    done = saved["images"] / 1000.0
    if done >= plain[BUDGET] and is_finished(run_dir):  # one that was killed behind its last image may finish
        raise UserError(
            f"resume={run_dir}: the run has reached its end, {done:g} kimg. Type kimg={2 * done:g} to train "
            f"on, or run_dir=... for a new run."
        )
    return Continuation(path, saved, plain, unlike(saved))


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return (before, now) of every key whose value differs; keys that a newer version added do not count."""
    old, new = dict(_flat(before)), dict(_flat(now))
    found = {}
    for key in sorted({*old, *new}):
        pair = old.get(key, MISSING), new.get(key, MISSING)
        unknown_before = pair[0] is MISSING and not _inside(key, old)
        if not unknown_before and _text(pair[0]) != _text(pair[1]):
            found[key] = pair
    return found


def changed_config(config: Mapping[str, Any], changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return a run's resolved configuration with changes that leave what it has computed as it is.

    Raises:
        UserError: naming every change that would not.
    """
    refused = {key: pair for key, pair in changes.items() if key not in (*FREE, BUDGET)}
    if refused:
        listed = "; ".join(f"{key}: {_shown(old)} -> {_shown(new)}" for key, (old, new) in refused.items())
        raise UserError(
            f"resume: a run goes on with what it was started with, but this differs: {listed}. What "
            f"may change: {', '.join((BUDGET, *FREE))}, callbacks and logger. Leave out the rest, or start a "
            f"new run with init_from={config['run_dir']}."
        )
    plain = copy.deepcopy(dict(config))
    for key, (_, now) in changes.items():
        if key == BUDGET and not isinstance(now, (int, float)):
            raise UserError(f"resume: kimg={now} is no number. Type for example kimg={2 * plain[BUDGET]:g}")
        *path, last = key.split(".")
        place = plain
        for step in path:
            place = place.setdefault(step, {})
        place[last] = now
    return plain


def check_data(dataset: Dataset, going: Continuation) -> None:
    """Refuse to go on with other data.

    Raises:
        UserError: if the data changed since the checkpoint.
    """
    expected = going.saved["fingerprint"]
    if dataset.fingerprint != expected:
        raise UserError(
            f"resume: the data '{dataset.spec.name}' have changed since the run saved {going.path} "
            f"(fingerprint {dataset.fingerprint[:12]}, it had {expected[:12]}). If they only moved, type "
            f"data.root=DIR or data.path=PATH; to train on the new data start a run with "
            f"init_from={going.config['run_dir']}."
        )


def restore(trainer: pl.Trainer, callbacks: Sequence[pl.Callback], going: Continuation | None) -> None:
    """Hand each callback what it knew when the checkpoint was saved; observers take it when they begin.

    What loggers have of the time after the checkpoint is cut. A run that begins anew, because it was killed
    before it saved anything, restores nothing and cuts all.
    """
    if going is None:
        go_on(trainer, -1)
        return
    go_on(trainer, going.images, going.saved["observers"].get("checkpoints", {}).get("rows"))
    for name, callback in by_state_key(callbacks).items():
        saved = going.saved["observers"].get(name)
        if saved is None:
            continue
        if isinstance(callback, Observer):
            callback.saved = saved
        else:
            callback.load_state_dict(saved)


def unlike(saved: Mapping[str, Any]) -> list[str]:
    """Return what differs between this process and the one that saved a checkpoint."""
    found = []
    for kind, now in (("versions", versions()), ("environment", checkpoint.environment())):
        before = saved.get(kind) or {}
        found += [
            f"{key} {before[key]} -> {now[key]}" for key in now if before.get(key, now[key]) != now[key]
        ]
    return [f"{'; '.join(found)}: from here on bits may differ from an uninterrupted run's."] if found else []


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in tree.items():
        pairs += (
            _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(f"{prefix}{key}", value)]
        )
    return pairs


def _inside(key: str, known: Mapping[str, Any]) -> bool:
    """Say whether a key belongs to a part that the run has had, with other parameters or another name."""
    parts = ("regularizer", "stabilizer")
    return key.startswith(parts) or any(
        key.startswith(f"{other}.") or other.startswith(f"{key}.") for other in known
    )


def _text(value: Any) -> str:
    return "missing" if value is MISSING else json.dumps(value, sort_keys=True, default=list)


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else str(value)
