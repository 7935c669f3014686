"""What a run left in its folder, read without torch; a file that is missing or torn is no error."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import yaml  # type: ignore[import-untyped]

State = Literal["finished", "failed", "interrupted", "preempted", "stopped", "unfinished"]
STATES: tuple[State, ...] = get_args(State)

KIMG = "progress/kimg"
PICTURE = re.compile(r"(\d+\.\d+)kimg\.png")
MARKS = ("started.yaml", "config.yaml")
NO_RUNS = ("wandb", "checkpoints", "samples")  # W&B's folders hold a config.yaml of their own

UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)  # PyYAML's for odd values

# Far faster than the loader in Python, where PyYAML was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RunFiles:
    """Reads what a run left; each file is read once, when it is asked for.

    Args:
        path: folder of the run.

    Attributes:
        path: the same, as messages show it.
        place: the same from the root on, so that a process which changes its folder still finds it.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.place = path, path.absolute()

    def __repr__(self) -> str:
        return f"RunFiles({str(self.path)!r})"

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name or self.place.resolve().name

    @cached_property
    def summary(self) -> dict[str, Any] | None:
        """The content of `summary.json`, which a run writes at its end; see docs/summary.md."""
        return self._json("summary.json")

    @cached_property
    def config(self) -> dict[str, Any]:
        """The resolved configuration, empty if it is missing."""
        return self._yaml("config.yaml")

    @cached_property
    def overrides(self) -> tuple[str, ...]:
        """What was typed after the program, in Hydra's grammar."""
        typed = self._started.get("overrides")
        return tuple(map(str, typed)) if isinstance(typed, list) else ()

    @property
    def asked(self) -> dict[str, Any]:
        """The configuration that was typed, before `auto` was resolved; empty if it is not known."""
        asked = self._started.get("asked")
        return asked if isinstance(asked, dict) else {}

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """What the alarm found, in order."""
        for content in (self._json("findings.json"), self.summary):
            found = (content or {}).get("findings")
            if isinstance(found, list):
                return [each for each in found if isinstance(each, dict)]
        return []

    @cached_property
    def evaluation(self) -> dict[str, Any] | None:
        """The content of `evaluation.json`; see docs/evaluate.md."""
        return self._json("evaluation.json")

    @property
    def state(self) -> State:
        """How the run ended; `unfinished` if it is running, or was killed."""
        summary = self.summary or {}
        behind = self._last_kimg > _number(summary.get("kimg"), 0.0) + 1e-6  # it went on after the summary
        known: list[State] = [each for each in STATES if each == summary.get("state")]
        return known[0] if known and not behind else "unfinished"

    @property
    def kimg(self) -> float:
        """Thousands of real images seen so far."""
        return max(_number((self.summary or {}).get("kimg"), 0.0), self._last_kimg)

    @property
    def kimg_total(self) -> float | None:
        """Thousands of real images that the run was to see, as far as that is known."""
        totals = (_number(each.get("kimg"), math.nan) for each in (self.config, self.asked))
        return next((total for total in totals if math.isfinite(total)), None)

    def rows(self) -> list[dict[str, float]]:
        """Return the rows of `metrics.csv`, each with only the cells that are there; some may be infinite."""
        return self._rows

    def series(self, name: str) -> tuple[list[float], list[float]]:
        """Return where a number was logged, in kimg, and its values."""
        found = [(row[KIMG], row[name]) for row in self._rows if name in row and KIMG in row]
        return [kimg for kimg, _ in found], [value for _, value in found]

    def pictures(self) -> list[tuple[float, Path]]:
        """Return the sample pictures with their kimg, in that order."""
        try:
            paths = list((self.place / "samples").iterdir())
        except OSError:
            return []
        named = [(PICTURE.fullmatch(path.name), path) for path in paths]
        return sorted((float(match[1]), path) for match, path in named if match)

    @cached_property
    def _started(self) -> dict[str, Any]:
        return self._yaml("started.yaml")

    @cached_property
    def _rows(self) -> list[dict[str, float]]:
        text = self._text("metrics.csv").replace("\0", "")
        whole = text[: text.rfind("\n") + 1]  # the last line of a process that was killed may be torn
        rows: list[dict[str, float]] = []
        with suppress(csv.Error):  # a cell of more characters than the module takes
            rows += (dict(_cells(row)) for row in csv.DictReader(io.StringIO(whole)))
        return [row for row in rows if row]

    @property
    def _last_kimg(self) -> float:
        return max((row[KIMG] for row in self._rows[-2:] if KIMG in row), default=0.0)

    def _text(self, name: str) -> str:
        try:
            return (self.place / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _json(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads(self._text(name))
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    def _yaml(self, name: str) -> dict[str, Any]:
        try:
            content = _Loader(self._text(name)).get_single_data()
        except (yaml.YAMLError, *UNREADABLE, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


def is_run(path: Path) -> bool:
    """Say whether a folder is the folder of a run."""
    try:
        return any((path / mark).is_file() for mark in MARKS)
    except OSError:  # a folder that others may not look into
        return False


def find_runs(*roots: Path) -> list[RunFiles]:
    """Return every run at or below the roots, each once, by path.

    It looks into no run, into no hidden folder and behind no link, but a root may be a link.
    """
    found = {path.resolve(): path for root in roots for path in _below(root)}
    return [RunFiles(path) for path in sorted(found.values())]


def _below(root: Path) -> Iterator[Path]:
    for folder, names, _ in os.walk(root):
        path = Path(folder)
        if is_run(path):
            names.clear()
            yield path
        else:
            names[:] = sorted(name for name in names if not name.startswith(".") and name not in NO_RUNS)


def _cells(row: dict[Any, Any]) -> Iterator[tuple[str, float]]:
    for name, text in row.items():
        if isinstance(name, str) and isinstance(text, str) and text:
            try:
                yield name, float(text)
            except ValueError:
                continue  # another logger's text


def _number(value: object, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return otherwise
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return otherwise
