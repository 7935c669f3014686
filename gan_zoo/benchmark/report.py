"""Writes the table as Markdown and CSV and a picture per suite, and says where and how it was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from gan_zoo.benchmark.compare import Results
from gan_zoo.benchmark.document import insert
from gan_zoo.benchmark.options import Options
from gan_zoo.benchmark.picture import draw_picture
from gan_zoo.benchmark.table import comma_separated, markdown
from gan_zoo.checkpoint import write_bytes
from gan_zoo.version import versions

STEM = "benchmark"


def write_report(
    results: Sequence[Results], options: Options, command: str, commit: str | None
) -> list[Path]:
    """Write what there is so far, and return the files."""
    shown = [each for each in results if each.reported or each.failed]
    table = markdown(shown, head(results, options, command, commit))
    name = "toy" if len(options.suites) > 1 else options.suites[0]
    files = {options.out / f"{name}.md": table, options.out / f"{name}.csv": comma_separated(shown)}
    for path, text in files.items():
        write_bytes(path, text.encode())
    written = list(files)
    for each in shown:
        if each.reported:
            written.append(options.out / f"{each.suite.name}.png")
            write_bytes(written[-1], draw_picture(each))
    if options.docs is not None:
        write_bytes(options.docs, insert(options.docs.read_text(encoding="utf-8"), table).encode())
        written.append(options.docs)
    return written


def head(results: Sequence[Results], options: Options, command: str, commit: str | None) -> list[str]:
    """Return what a reader must know of every figure: command, machine, versions, commit, time."""
    known = versions()
    seconds = sum(score["seconds"] for each in results for score in (*each.tuning, *each.reported))
    runs = sum(len(each.tuning) + len(each.reported) for each in results)
    devices = sorted({score["device"] for each in results for score in each.reported}) or [options.trainer]
    commits = sorted({str(score["commit"]) for each in results for score in each.reported})
    return [
        f"Command: `{command} {options.typed}`",
        f"Machine: {processor()}, {os.cpu_count()} cores; {options.jobs} jobs side by side, threads of each: "
        f"{options.threads}; trained on {', '.join(devices)}",
        f"Versions: Python {known['python']}, torch {known['torch']}, gan_zoo {known['gan_zoo']}",
        f"Commit: {', '.join(commits) or commit}",
        f"{runs} runs, {seconds / 60.0:.0f} minutes of training, tuning included, added up over jobs",
    ]


def processor() -> str:
    """Return what the processor is called, as far as this machine tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
