"""The cells of one run in the table of `gan-zoo runs`, whatever its files hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_zoo.cli.runs_table import NONE
from gan_zoo.run_files import RunFiles

USUAL = 3  # numbers of a run, the first of these that it has
PREFERRED = (
    "collapse/modes", "collapse/energy_distance", "collapse/coverage", "collapse/diversity",
    "generator/adversarial", "discriminator/adversarial",
)  # fmt: skip
OF = {"collapse/modes": "collapse/modes_of_data"}  # shown as `7/8`
NEWEST = (
    "metrics.csv",
    "summary.json",
    "findings.json",
    "samples",
    "checkpoints",
    "config.yaml",
    "started.yaml",
)


def row(run: RunFiles, metrics: Sequence[str], now: float) -> tuple[str, ...]:
    """Return the cells of one run, in the order of the titles."""
    total = "" if run.kimg_total is None else f"/{run.kimg_total:g}"
    error = str((run.summary or {}).get("error") or "").strip()
    said = [*error.splitlines()[:1], *map(_finding, run.findings)]
    cells = (
        str(run.path),
        run.state,
        f"{run.kimg:.1f}{total}",
        _ago(run.place, now),
        _numbers(run, metrics),
        "; ".join(said) or NONE,
    )
    return tuple("".join(each if each.isprintable() else " " for each in cell) for cell in cells)


def _finding(plain: Mapping[str, Any]) -> str:
    """Return a finding in a few words; one of another version may hold anything."""
    kind, since = str(plain.get("kind") or "?").replace("_", " "), plain.get("since_kimg")
    known = isinstance(since, float) or (isinstance(since, int) and abs(since) < 1e15)
    return f"{kind} since {since:.1f} kimg" if known else kind


def _numbers(run: RunFiles, metrics: Sequence[str]) -> str:
    """Return the last values of what was asked for, or of the usual numbers."""
    last: dict[str, float] = {}
    for each in run.rows():
        last.update(each)
    measured = sorted(name for name in last if name.startswith("quality/"))
    names = metrics or [name for name in (*measured, *PREFERRED) if name in last][:USUAL]
    bare = [name.partition("/")[2] or name for name in names]
    told = [short if bare.count(short) == 1 else name for short, name in zip(bare, names, strict=True)]
    parts = [f"{each} {_value(name, last)}" for each, name in zip(told, names, strict=True)]
    return ", ".join(parts).replace("_", " ") or NONE


def _value(name: str, last: dict[str, float]) -> str:
    if name not in last:
        return NONE
    whole = f"/{last[OF[name]]:.0f}" if name in OF and OF[name] in last else ""
    return f"{last[name]:.4g}{whole}"


def _ago(path: Path, now: float) -> str:
    """Return how long ago the run wrote something."""
    seconds = max(now - changed_at(path, now), 0.0)
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds / 86400:.0f} days ago"


def changed_at(path: Path, otherwise: float) -> float:
    """Return when a run wrote something last, in seconds since the epoch.

    Args:
        path: folder of the run.
        otherwise: what is returned if nothing is known.
    """
    found = []
    for name in NEWEST:
        try:
            found.append((path / name).stat().st_mtime)
        except OSError:  # it is not there, or the run replaces it just now
            continue
    return max(found, default=otherwise)
