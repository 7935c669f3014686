"""`report.html` of one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gan_zoo.diagnosis.findings import Finding
from gan_zoo.report import commands, curves, growth
from gan_zoo.report.embed import embedded, spread
from gan_zoo.report.evaluation import evaluation_of
from gan_zoo.report.outcome import ASKED, Outcomes, is_saved
from gan_zoo.report.page import render, write_page
from gan_zoo.run_files import RunFiles

FILE = "report.html"
VITALS = "vitals/"  # what the alarm judges
MOST_PICTURES = 24  # on the slider
PRINTED = 4


def write_report(run: RunFiles | Path, out: Path | None = None) -> Path:
    """Write the report of a run from what it left in its folder.

    Args:
        run: what is reported, or its folder; what a run did not leave is left out.
        out: where to, `report.html` in the run's folder if None.

    Returns:
        Where the report is.

    Raises:
        OSError: if the disk refuses.
    """
    files = run if isinstance(run, RunFiles) else RunFiles(run)
    path = out or files.path / FILE
    write_page(path, render("run.html", contents(files)))
    return path


def contents(run: RunFiles) -> dict[str, Any]:
    """Return all that the page shows."""
    charts, outcome = curves.sections(run), Outcomes().of(run)
    axis = curves.common_axis([panel for _, panels in charts for panel in panels], run.kimg)
    planned = growth.planned(run)
    return {
        "run": run,
        "summary": run.summary or {},
        "state": outcome.state,
        "about": outcome.about,
        "error": (run.summary or {}).get("error") or (outcome.reason if outcome.state == "refused" else None),
        "asked": outcome.state in ASKED,
        "title": title(run),
        "parts": list(_parts(run)),
        "repeat": commands.repeat_command(run),
        "resume": commands.resume_command(run) if run.state != "finished" and is_saved(run) else None,
        "evaluate": commands.evaluate_command(run),
        "samples": list(_samples(run)),
        "pictures": len(run.pictures()),
        "real": embedded(run.path / "samples" / "real.png"),
        "findings": [_finding(run, each) for each in run.findings],
        "actions": _actions(run),
        "watched": any(name.startswith(VITALS) for row in run.rows() for name in row),
        "sections": [(name, [(panel.title, panel.about) for panel in panels]) for name, panels in charts],
        "charts_data": {
            "panels": [panel.plain(axis) for _, panels in charts for panel in panels],
            "marks": curves.marks(run.findings),
        },
        "levels": [asdict(each) for each in planned or growth.seen(run)],
        "planned": bool(planned),
        "evaluation": evaluation_of(run),
        "config": yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True) if run.config else "",
    }


def title(run: RunFiles) -> str:
    """Return what was trained, in a few words."""
    names = [_name(run, key) for key in ("model", "loss", "data")]
    if not all(names):
        return run.name
    return f"{names[0]} with {names[1]} on {names[2]}"


def _name(run: RunFiles, key: str) -> str:
    part = run.config.get(key)
    return str(part.get("name") or "") if isinstance(part, dict) else ""


def _parts(run: RunFiles) -> Iterator[tuple[str, str]]:
    """Yield what the run is made of, in words."""
    for key in ("model", "loss", "data"):
        if name := _name(run, key):
            yield key, name
    for key in ("regularizer", "stabilizer"):
        if names := run.config.get(key):
            yield key, ", ".join(map(str, names))
    optimizer = run.config.get("optimizer")
    if isinstance(optimizer, dict):
        yield "optimizer", f"{optimizer.get('name')}, learning rate {optimizer.get('lr')}"
    turns = run.config.get("turns")
    if isinstance(turns, dict):
        yield "turns", f"{turns.get('critic_steps')} of D, then {turns.get('generator_steps')} of G"
    if "batch_size" in run.config:
        yield "batch size", growth.batch_sizes(run)
    for key in ("seed", "guard"):
        if key in run.config:
            yield key, str(run.config[key])


def _samples(run: RunFiles) -> Iterator[dict[str, Any]]:
    """Yield the pictures of the slider; a few of them are printed."""
    read = [(kimg, embedded(path)) for kimg, path in spread(run.pictures(), MOST_PICTURES)]
    good = [(kimg, url) for kimg, url in read if url]
    printed = {kimg for kimg, _ in spread(good, PRINTED)}
    for kimg, url in good:
        yield {"kimg": kimg, "url": url, "printed": kimg in printed}


def _finding(run: RunFiles, plain: dict[str, Any]) -> dict[str, Any]:
    """Return a finding in words, with the commands of its remedies."""
    try:
        finding = Finding.from_plain(plain)
        remedies = [
            {"why": each.why, "command": commands.repeat_command(run, each.override.split(" "))}
            for each in finding.remedies
        ]
        return {"title": finding.title, "since": finding.since_kimg, "at": finding.at_kimg,
                "evidence": finding.evidence, "remedies": remedies}  # fmt: skip
    except (TypeError, KeyError, AttributeError):  # of another version
        kind = str(plain.get("kind", "finding")).replace("_", " ").capitalize()
        return {"title": kind, "since": plain.get("since_kimg"), "at": plain.get("at_kimg"),
                "evidence": str(plain.get("evidence", "")), "remedies": []}  # fmt: skip


def _actions(run: RunFiles) -> list[dict[str, Any]]:
    guard = (run.summary or {}).get("guard")
    actions = guard.get("actions") if isinstance(guard, dict) else None
    return [each for each in actions or [] if isinstance(each, dict)]
