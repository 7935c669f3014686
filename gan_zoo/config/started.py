"""What a run was started with, in its folder, so that it can be gone on with as it was typed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gan_zoo.errors import UserError

FILE = "started.yaml"


@dataclass(frozen=True)
class Started:
    """How a run began.

    Attributes:
        overrides: what was typed after the program, in Hydra's grammar.
        asked: the configuration that this made, plain, before `auto` was resolved.
    """

    overrides: tuple[str, ...]
    asked: Mapping[str, Any]

    def to_text(self) -> str:
        """Return the content of the file."""
        content = {"overrides": list(self.overrides), "asked": dict(self.asked)}
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def read_started(run_dir: Path) -> Started:
    """Read how the run in a folder began.

    Raises:
        UserError: if there is no run, or its note cannot be read.
    """
    path = run_dir / FILE
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Started(tuple(map(str, content["overrides"])), dict(content["asked"]))
    except FileNotFoundError as error:
        what = "is no run directory" if not (run_dir / "checkpoints").exists() else f"has no {FILE}"
        raise UserError(
            f"resume={run_dir}: it {what}. Give the folder of a run that gan_zoo started, or resume=auto."
        ) from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise UserError(f"resume={run_dir}: {path.name} cannot be read: {error}") from error


def merged_overrides(before: Sequence[str], typed: Sequence[str]) -> list[str]:
    """Return both, without what is typed anew.

    Example:
        >>> merged_overrides(["loss=js", "kimg=20"], ["kimg=40"])
        ['loss=js', 'kimg=40']
    """
    anew = {key_of(each) for each in typed}
    return [*(each for each in before if key_of(each) not in anew), *typed]


def key_of(override: str) -> str:
    """Return the key of an override in Hydra's grammar.

    Example:
        >>> key_of("+model.growth.x=1"), key_of("~callbacks.alarm")
        ('model.growth.x', 'callbacks.alarm')
    """
    return override.partition("=")[0].lstrip("+~").strip()


def is_finished(run_dir: Path, kimg: float | str = "auto") -> bool:
    """Say whether a run has reached its end, and as many kimg as are asked for now."""
    try:
        summary = json.loads((run_dir / "summary.json").read_text(encoding="utf-8"))
        enough = isinstance(kimg, str) or summary["kimg"] >= kimg
        return bool(summary["state"] == "finished" and enough)
    except (OSError, ValueError, KeyError, TypeError):
        return False
