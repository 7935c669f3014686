"""What a run leaves for its reader: `config.yaml` first, `summary.json` and closing lines last."""

from __future__ import annotations

import json
import math
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl
import torch
import yaml  # type: ignore[import-untyped]

from gan_zoo.callbacks.alarm import alarm_of
from gan_zoo.callbacks.metrics import latest_losses
from gan_zoo.callbacks.observer import Observer
from gan_zoo.callbacks.progress import duration
from gan_zoo.callbacks.signals import preempted_by
from gan_zoo.callbacks.source import git_commit, source_root
from gan_zoo.checkpoint import remove_leftovers, write_bytes
from gan_zoo.version import versions

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


class Summary(Observer):
    """Writes the resolved configuration, the final numbers, and where to find everything."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._first_images, self._seconds_before = 0, 0.0
        self._commit: str | None = None
        self._commit_before: str | None = None

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Begin to measure, and write `config.yaml`, which may change where a run goes back or on."""
        if self._since is None:
            self._since, self._first_images = time.perf_counter(), module.game.images
            self._commit = git_commit()  # now, because the working tree may change while the run goes on
        for folder in (module.run_dir, module.run_dir / "samples"):
            remove_leftovers(folder)  # of a process that was killed in the middle of a write
        text = yaml.safe_dump(module.config, sort_keys=False, allow_unicode=True)
        write_bytes(module.run_dir / "config.yaml", text.encode())

    def state_dict(self) -> dict[str, Any]:
        """Return how long the run has trained, and by which commits."""
        return {"seconds": self._seconds(), "commit": self._commits()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Count the seconds of earlier processes, and remember their commits."""
        self._seconds_before, self._first_images = state_dict["seconds"], 0
        self._commit_before = state_dict.get("commit")

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write `summary.json` and say where things are."""
        complete = module.game.images >= module.game.total_images
        summary = self._write(trainer, module, "finished" if complete else "stopped")
        for line in closing_lines(module.run_dir, summary):
            print(line)  # noqa: T201

    def pause(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write `summary.json` of a run that was asked to end and is saved."""
        received = preempted_by(trainer.callbacks)  # type: ignore[attr-defined]
        if received is None:
            return  # it goes on in this process
        self._write(trainer, module, "preempted", received.name)

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Write `summary.json` of what there is."""
        state = "interrupted" if isinstance(exception, KeyboardInterrupt) else "failed"
        summary = self._write(trainer, module, state, f"{type(exception).__name__}: {exception}".rstrip(": "))
        where = shown(module.run_dir / "summary.json")
        print(f"The run {state} at {summary['kimg']:.1f} kimg; numbers: {where}", file=sys.stderr)  # noqa: T201

    def _commits(self) -> str | None:
        """Return the commit that trained, or `abc, then def` where a run went on with other code."""
        before, here = self._commit_before, self._commit
        if before is None or here is None or before.split(", then ")[-1] == here:
            return before or here
        return f"{before}, then {here}"

    def _seconds(self) -> float:
        """Return the seconds of training, without those that were lost after a checkpoint."""
        here = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._seconds_before + here

    def _write(
        self, trainer: pl.Trainer, module: GANModule, state: str, error: str | None = None
    ) -> dict[str, Any]:
        game = module.game
        seconds = self._seconds()
        losses = latest_losses(trainer) or game.window.flush()
        alarm = alarm_of(trainer)
        summary = {
            "state": state,
            "error": error,
            "images_seen": game.images,
            "kimg": game.images / 1000.0,
            "seconds": round(seconds, 3),
            "images_per_second": round((game.images - self._first_images) / max(seconds, 1e-9), 3),
            "steps": dict(game.steps),
            "parameters": {name: _count(network) for name, network in game.networks.items()},
            "losses": {name: value if math.isfinite(value) else None for name, value in losses.items()},
            "findings": alarm.plain_findings() if alarm else [],
            "guard": {"mode": module.config.get("guard"), "actions": alarm.actions if alarm else []},
            "device": _device(module.device),
            "precision": str(trainer.precision),
            "seed": game.draws.seed,
            "versions": versions(),
            "data": _data(module),
            "git_commit": self._commits(),
            "command": module.command,
            "files": _files(module.run_dir),
        }
        text = json.dumps(summary, indent=2, allow_nan=False, ensure_ascii=False)
        write_bytes(module.run_dir / "summary.json", f"{text}\n".encode())
        return summary


def closing_lines(run_dir: Path, summary: dict[str, Any]) -> list[str]:
    """Return what a run says at its end."""
    speed = f"{summary['images_per_second']:,.0f} images/s"
    length = f"{summary['kimg']:.1f} kimg in {duration(summary['seconds'])}"
    lines = [f"{summary['state'].capitalize()}: {length} ({speed})."]
    losses = [f"{name} {_number(value)}" for name, value in summary["losses"].items()]
    lines += [f"Losses:  {', '.join(losses)}"] if losses else []
    found = [
        f"{one['kind'].replace('_', ' ')} since {one['since_kimg']:.1f} kimg" for one in summary["findings"]
    ]
    lines += [f"Alarm:   {', '.join(found)}; see {shown(run_dir / 'findings.json')}"] if found else []
    if "samples" in summary["files"]:
        lines.append(f"Samples: {shown(run_dir / summary['files']['samples'])}")
    lines.append(f"Summary: {shown(run_dir / 'summary.json')}")
    if "checkpoint" in summary["files"]:
        script = source_root() / "scripts" / "sample.py"
        command = f"python {shlex.quote(shown(script))}" if script.exists() else "gan-zoo sample"
        lines.append(f"More:    {command} {shlex.quote(f'run={shown(run_dir)}')} n=64")
    return lines


def shown(path: Path) -> str:
    """Return a path as a person at this place would type it."""
    whole, here = path.resolve(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def _number(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.3f}"


def _files(run_dir: Path) -> dict[str, str]:
    """Return what is in the run directory, by what it is, relative to it."""
    names = {"config": "config.yaml", "samples": "samples/latest.png", "checkpoint": "checkpoints/last.ckpt"}
    names |= {"metrics": "metrics.csv", "findings": "findings.json"}
    return {key: name for key, name in names.items() if (run_dir / name).exists()}


def _data(module: GANModule) -> dict[str, Any]:
    spec, dataset = module.game.spec, module.dataset
    return {
        "name": spec.name,
        "images": len(dataset.train.values),
        "shape": list(spec.shape),
        "classes": spec.classes,
        "fingerprint": dataset.fingerprint,
        "skipped": len(dataset.skipped),
    }


def _count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _device(device: torch.device) -> str:
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)
