"""Folders as runs leave them, made by hand in a moment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from gan_zoo.run_files import RunFiles

FINDING = {
    "kind": "partial_mode_loss",
    "since_kimg": 2.0,
    "at_kimg": 4.0,
    "evidence": "3 of 8 modes are empty.",
    "remedies": [
        {"override": "stabilizer=[packing]", "why": "D judges pairs.", "in_place": False},
        {"override": "optimizer.discriminator.lr=0.0005", "why": "D learns half as fast.", "in_place": True},
    ],
}


def number(value: float | None, floor: float, ceiling: float, direction: str = "lower") -> dict[str, Any]:
    protocol = {"estimator": "plain", "n_fake": 100}
    return {"metric": "m", "value": value, "floor": floor, "ceiling": ceiling, "direction": direction,
            "ideal": 0.0, "std": None, "protocol": protocol}  # fmt: skip


EVALUATION = {
    "format": 1,
    "subject": {"kind": "run", "path": "last.ckpt", "kimg": 8.0},
    "data": {"name": "digits", "class_names": ["zero", "one"]},
    "sets": {"fake": 100},
    "seed": 0,
    "extractor": {"id": "pixels@1"},
    "numbers": {"fd/pixels@1": number(2.5, 0.5, 4.5), "ndb": number(None, 0.1, 1.0)},
    "failures": {"ms_ssim": {"error": "too small"}},
    "by_class": {"predicted_count": {"fake": [0.0, 100.0], "floor": [50.0, 50.0]}},
    "command": "python scripts/evaluate.py run=latest",
    "files": {"bins": "evaluation_bins.png"},
}


def table(rows: int = 9, scale: float = 1.0, growing: bool = False) -> str:
    """Return a metrics.csv over 8 kimg."""
    names = ["progress/kimg", "step", "generator/adversarial", "discriminator/adversarial"]
    names += ["vitals/logit_gap", "collapse/energy_distance", "collapse/coverage"]
    names += ["quality/fd/pixels@1", "quality_floor/fd/pixels@1"]
    names += ["progress/level", "progress/fade"] if growing else []
    lines = [",".join(names)]
    for row in range(rows):
        kimg = 8.0 * row / max(rows - 1, 1)
        cells: list[Any] = [kimg, int(1000 * kimg), 1.0 + row % 3, 0.5, "nan" if row == 1 else 0.1 * row]
        cells += [scale / (1 + kimg), min(1.0, kimg / 8), 9.0 - kimg, 0.5 if row == 0 else ""]
        cells += [int(kimg // 4), 0.5 if kimg in (4.0, 5.0) else 1.0] if growing else []
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def picture(path: Path, shade: int = 128) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), (shade, shade, shade)).save(path)


def configuration(path: Path, seed: int, growing: bool, **names: str) -> dict[str, Any]:
    return {
        "model": {"name": names.get("model", "mlp"), "growth": {} if growing else None},
        "loss": {"name": names.get("loss", "js")},
        "data": {"name": names.get("data", "ring")},
        "stabilizer": {"ema": {"name": "ema"}},
        "seed": seed,
        "kimg": 8.0,
        "guard": "warn",
        "run_dir": str(path),
    }


def summary_of(overrides: list[str], seed: int, state: str) -> dict[str, Any]:
    numbers = {"kimg": 8.0, "seconds": 75.0, "images_per_second": 12345.6, "seed": seed}
    told = {"device": "cpu", "versions": {"torch": "2.9"}, "parameters": {"generator": 1234}, "findings": []}
    command = f"python train.py {' '.join(overrides)}"
    return {"state": state, "error": None, **numbers, **told, "command": command}


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFiles]:
    """Make the folder of a run that left everything; `leave_out` names files that it did not write.

    `changed` is what is different in its configuration.
    """

    def make(
        name: str = "run",
        *typed: str,
        seed: int = 0,
        state: str = "finished",
        scale: float = 1.0,
        growing: bool = False,
        pictures: int = 3,
        leave_out: tuple[str, ...] = (),
        changed: dict[str, Any] | None = None,
        **summary: Any,
    ) -> RunFiles:
        path = tmp_path / name
        path.mkdir(parents=True)
        config = configuration(path, seed, growing, **dict(each.split("=", 1) for each in typed))
        config |= changed or {}
        overrides = [*typed, f"seed={seed}", f"run_dir={path}"]
        texts = {
            "config.yaml": yaml.safe_dump(config),
            "started.yaml": yaml.safe_dump({"overrides": overrides, "asked": config}),
            "summary.json": json.dumps(summary_of(overrides, seed, state) | summary),
            "metrics.csv": table(scale=scale, growing=growing),
            "findings.json": json.dumps({"findings": [FINDING], "actions": []}),
            "evaluation.json": json.dumps(EVALUATION),
            "checkpoints/last.ckpt": "",
        }
        (path / "checkpoints").mkdir()
        for file in texts.keys() - set(leave_out):
            (path / file).write_text(texts[file], encoding="utf-8")
        for place in range(pictures):
            picture(path / "samples" / f"00000{place}.000kimg.png", 40 * place)
        if pictures:
            picture(path / "samples" / "real.png")
        picture(path / "evaluation_bins.png")
        return RunFiles(path)

    return make
