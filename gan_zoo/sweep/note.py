"""What stands in the folder of a job that ended before it could say so: `summary.json`, `report.html`."""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from gan_zoo.run_files import RunFiles, is_run
from gan_zoo.sweep.job import FAILED, REFUSED, Job
from gan_zoo.version import versions

FILE = "summary.json"
FILES = {
    "config": "config.yaml", "samples": "samples/latest.png", "checkpoint": "checkpoints/last.ckpt",
    "metrics": "metrics.csv", "findings": "findings.json",
}  # fmt: skip
DATA = ("name", "images", "shape", "classes", "fingerprint", "skipped")
NO_REPORT = ("callbacks.report=null", "~callbacks.report", "callbacks=none", "callbacks=null")


def leave_note(job: Job, program: str) -> bool:
    """Write the summary and the report of a job that failed or was refused, if it left a folder without.

    A folder that was not begun stays away, and a summary that the run has written itself stays as it is.

    Args:
        job: that has ended.
        program: what was typed before its words.

    Returns:
        Whether anything was written.
    """
    files = RunFiles(job.folder)
    if job.state not in (FAILED, REFUSED) or not is_run(job.folder):
        return False
    if files.state != "unfinished" and not _is_ours(files.summary):
        return False
    aside = job.folder / f".{FILE}.{os.getpid()}.part"
    try:
        text = json.dumps(_content(job, files, program), indent=2, allow_nan=False, ensure_ascii=False)
        aside.write_text(f"{text}\n", encoding="utf-8")
        aside.replace(job.folder / FILE)
        _report(job)
    except (OSError, ValueError) as error:
        print(f"warning: {job.folder / FILE} was not written: {error}", file=sys.stderr)  # noqa: T201
        return False
    return True


def _content(job: Job, files: RunFiles, program: str) -> dict[str, Any]:
    """Return what docs/summary.md lists; what an earlier process of the run has written still holds."""
    asked = files.asked
    data = asked.get("data")
    kimg = files.kimg if math.isfinite(files.kimg) else 0.0
    ended = {"state": FAILED, "error": job.reason or None, "images_seen": round(kimg * 1000), "kimg": kimg}
    blank = {
        "seconds": 0.0,
        "images_per_second": 0.0,
        "steps": {},
        "parameters": {},
        "losses": {},
        "findings": files.findings,
        "guard": {"mode": asked.get("guard"), "actions": []},
        "device": None,
        "precision": None,
        "seed": job.seed,
        "versions": versions(),
        "data": {**dict.fromkeys(DATA), "name": data.get("name") if isinstance(data, Mapping) else None},
        "git_commit": None,
        "command": shlex.join([*program.split(), *job.words]),
    }
    earlier = {} if _is_ours(files.summary) else files.summary or {}
    there = {key: name for key, name in FILES.items() if (job.folder / name).exists()}
    return {**ended, **blank, **{key: each for key, each in earlier.items() if key in blank}, "files": there}


def _is_ours(summary: Mapping[str, Any] | None) -> bool:
    """Say whether a summary was written here; a run that writes its own knows its device."""
    return summary is not None and summary.get("state") == FAILED and summary.get("device") is None


def _report(job: Job) -> None:
    if any(word in NO_REPORT for word in job.words):
        return
    try:
        from gan_zoo.report import write_report  # the template engine, only when it is needed

        write_report(job.folder)
    except Exception as error:  # noqa: BLE001  (a report is never worth a sweep)
        name = type(error).__name__
        print(f"warning: {job.folder}/report.html was not written: {name}: {error}", file=sys.stderr)  # noqa: T201
