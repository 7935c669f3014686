"""`sweep.json`, `sweep.csv` and `sweep.md`: every job, and what its method's seeds have in common."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import DONE, STATES, UNDONE, Job

FILE = "sweep.json"
LEADING = ("evaluation/", "quality/", "collapse/", "diversity/", "generator/", "discriminator/")
UNCOMPARED = ("progress/", "speed/", "vitals/")
COLUMNS = 6  # numbers per method in the Markdown table


def metrics_of(folder: Path) -> dict[str, float]:
    """Return the last value of every number that a run logged, and those of its evaluation."""
    files = RunFiles(folder)
    last: dict[str, float] = {}
    for row in files.rows():
        last |= row
    numbers = (files.evaluation or {}).get("numbers") or {}
    last |= {
        f"evaluation/{name}": float(record["value"])
        for name, record in numbers.items()
        if isinstance(record, Mapping) and isinstance(record.get("value"), (int, float))
    }
    compared = {name: value for name, value in last.items() if not name.startswith(UNCOMPARED)}
    return {name: value for name, value in compared.items() if "/" in name and math.isfinite(value)}


def content(jobs: Sequence[Job], sweep_dir: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `sweep.json` holds.

    Args:
        jobs: of the command.
        sweep_dir: in which they are; jobs of earlier commands in it are kept.
        about: name, command and the like.
    """
    plain = [_plain(job) for job in jobs]
    now = {each["name"] for each in plain}
    plain += [{**each, "earlier": True} for each in _earlier(sweep_dir) if each["name"] not in now]
    counts = {state: sum(each["state"] == state for each in plain) for state in STATES}
    return {**about, "counts": counts, "jobs": plain, "methods": methods(plain)}


def methods(jobs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each method with its seeds and the mean and spread of their numbers, in order of appearance."""
    found = []
    for method in dict.fromkeys(each["method"] for each in jobs):
        own = [each for each in jobs if each["method"] == method]
        done = [each for each in own if each["state"] in DONE]
        names = list(dict.fromkeys(name for each in done for name in each["metrics"]))
        values = {name: [each["metrics"][name] for each in done if name in each["metrics"]] for name in names}
        found.append(
            {
                "method": method,
                "seeds": sorted({each["seed"] for each in done}),
                **{state: sum(each["state"] == state for each in own) for state in UNDONE},
                "metrics": {name: spread(each) for name, each in values.items()},
            }
        )
    return found


def spread(values: Sequence[float]) -> dict[str, float | int | None]:
    """Return mean, sample standard deviation (None for one value), lowest, highest and count.

    Example:
        >>> spread([1.0, 3.0])
        {'mean': 2.0, 'spread': 1.4142135623730951, 'low': 1.0, 'high': 3.0, 'count': 2}
    """
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return {
        "mean": statistics.fmean(values),
        "spread": deviation,
        "low": min(values),
        "high": max(values),
        "count": len(values),
    }


def write(sweep_dir: Path, contents: Mapping[str, Any]) -> None:
    """Write the three files; who opens one finds the old or the new one, never a part."""
    text = json.dumps(contents, indent=2, allow_nan=False, ensure_ascii=False)
    for name, each in ((FILE, f"{text}\n"), ("sweep.csv", table(contents)), ("sweep.md", page(contents))):
        aside = sweep_dir / f".{name}.{os.getpid()}.part"
        aside.write_text(each, encoding="utf-8")
        aside.replace(sweep_dir / name)


def table(contents: Mapping[str, Any]) -> str:
    """Return one row per method and number, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["method", "metric", "mean", "spread", "low", "high", "count", "seeds"])
    for each in contents["methods"]:
        seeds = " ".join(map(str, each["seeds"]))
        for name, found in each["metrics"].items():
            values = ["" if value is None else value for value in found.values()]
            rows.writerow([each["method"], name, *values, seeds])
    return text.getvalue()


def page(contents: Mapping[str, Any]) -> str:
    """Return the table of methods and the list of what failed, as Markdown."""
    names = columns(contents["methods"])
    lines = [f"# Sweep {contents['name']}", "", "```text", contents["command"], "```", ""]
    lines += [", ".join(f"{count} {state}" for state, count in contents["counts"].items() if count), ""]
    undone = [state for state in UNDONE if any(each[state] for each in contents["methods"])]
    titles = ["method", "seeds", *undone, *names]
    lines += [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for each in contents["methods"]:
        seeds = ", ".join(map(str, each["seeds"])) or "-"
        cells = [each["method"], seeds, *(str(each[state]) for state in undone)]
        cells += [_cell(each["metrics"].get(name)) for name in names]
        lines.append(f"| {' | '.join(_escaped(cell) for cell in cells)} |")
    lines += ["", "Mean ± sample standard deviation over the seeds that ended; the rest is in sweep.csv."]
    failed = [each for each in contents["jobs"] if each["state"] in UNDONE]
    if failed:
        lines += ["", "| not done | state | reason |", "|---|---|---|"]
        cells = [(each["name"], each["state"], each["reason"] or "-") for each in failed]
        lines += [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in cells]
    return "\n".join([*lines, ""])


def columns(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the numbers that the Markdown table shows: those of quality before those of losses."""
    names = list(dict.fromkeys(name for each in found for name in each["metrics"]))
    ordered = [name for prefix in LEADING for name in names if name.startswith(prefix)]
    return [*dict.fromkeys([*ordered, *names])][:COLUMNS]


def _plain(job: Job) -> dict[str, Any]:
    if job.metrics is None and job.state in DONE:
        job.metrics = metrics_of(job.folder)
    return {
        "number": job.number,
        "name": job.name,
        "folder": job.name,
        "method": job.method,
        "seed": job.seed,
        "overrides": list(job.words),
        "state": job.state,
        "reason": job.reason or None,
        "kimg": job.kimg,
        "seconds": round(job.seconds, 3),
        "metrics": job.metrics or {},
    }


def earlier_states(sweep_dir: Path) -> dict[str, str]:
    """Return the state of each job by its name, as `sweep.json` has it."""
    return {each["name"]: each["state"] for each in _earlier(sweep_dir)}


def _earlier(sweep_dir: Path) -> list[dict[str, Any]]:
    try:
        jobs = json.loads((sweep_dir / FILE).read_text(encoding="utf-8"))["jobs"]
        return [
            each for each in jobs if {"name", "state", "method", "metrics", "seed", "reason"} <= set(each)
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _cell(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "-"
    return f"{found['mean']:.4g}" + (f" ± {found['spread']:.2g}" if found["spread"] is not None else "")


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
