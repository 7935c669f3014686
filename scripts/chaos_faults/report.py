"""What came of all faults, as a table and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chaos_faults.lab import Result
from chaos_faults.subjects import EVERY, SUBJECTS


def table(results: Sequence[Result]) -> str:
    """Return the Markdown table, one row per kind of fault, and the sum."""
    lines = ["| fault | tried | survived | lost kimg at most | wrong results |", "|---|---|---|---|---|"]
    kinds = dict.fromkeys(result.kind for result in results)
    lines += [_row(kind, [result for result in results if result.kind == kind]) for kind in kinds]
    note = f"Runs of {' and '.join(SUBJECTS)}, saved every {EVERY / 1000:g} kimg; lost is computed twice."
    return "\n".join([*lines, _row("all", results), "", note])


def _row(name: str, results: Sequence[Result]) -> str:
    survived, wrong = sum(each.survived for each in results), sum(bool(each.wrong) for each in results)
    lost = [each.lost for each in results if each.lost is not None]
    most = f"{max(lost) / 1000:.3f}" if lost else "-"
    return f"| {name} | {len(results)} | {survived} | {most} | {wrong} |"


def plain(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return all results as plain data."""
    return [asdict(result) | {"survived": result.survived} for result in results]


def line(result: Result) -> str:
    """Return one result for the terminal, with what was not as promised."""
    lost = "" if result.lost is None else f", lost {result.lost} images"
    lines = [f"{'survived' if result.survived else 'FAILED  '}  {result.kind}: {result.what}{lost}"]
    lines += [f"          {each}" for each in result.problems]
    differs = ", ".join(result.wrong[:5]) + (" ..." if len(result.wrong) > 5 else "")
    return "\n".join([*lines, *([f"          differs in {differs}"] if differs else [])])
