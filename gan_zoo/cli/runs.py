"""`gan-zoo runs` and `scripts/runs.py`: what runs there are and how they fare, from their files alone."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.run_files import STATES, RunFiles, find_runs

HELP = """\
List runs with their state, progress, last numbers and findings.

usage: {command} [DIR ...] [--watch] [option=value ...]

  DIR                runs, sweeps or folders of them; outputs unless given
  --watch            show it again and again, until Ctrl-C
  every=5            seconds from one time to the next
  state=failed       only these: {states}
  metrics=[a,b]      columns of metrics.csv to show, in place of the usual ones

A run that is unfinished is running, or was killed: CHANGED says when it last wrote something.
"""
OUTPUTS = Path("outputs")
WATCH = "--watch"
EVERY_S = 5.0
USUAL = 3  # numbers of a run, the first of these that it has
PREFERRED = (
    "collapse/modes", "collapse/energy_distance", "collapse/coverage", "collapse/diversity",
    "generator/adversarial", "discriminator/adversarial",
)  # fmt: skip
OF = {"collapse/modes": "collapse/modes_of_data"}  # shown as `7/8`
TITLES = ("RUN", "STATE", "KIMG", "CHANGED", "NUMBERS", "FINDINGS")
NEWEST = (
    "metrics.csv",
    "summary.json",
    "findings.json",
    "samples",
    "checkpoints",
    "config.yaml",
    "started.yaml",
)
CLEAR = "\x1b[H\x1b[2J"  # to the upper left corner, and everything away


@dataclass(frozen=True)
class RunsOptions:
    """What to list.

    Attributes:
        roots: where to look.
        watch: whether to go on until Ctrl-C.
        every_s: seconds from one time to the next.
        state: only runs in this state, or None.
        metrics: columns of metrics.csv, or none for the usual ones.
    """

    roots: tuple[Path, ...] = (OUTPUTS,)
    watch: bool = False
    every_s: float = EVERY_S
    state: str | None = None
    metrics: tuple[str, ...] = ()


def main(arguments: Sequence[str], command: str = "gan-zoo runs") -> None:
    """Read options and list runs, once or again and again.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Raises:
        UserError: for options that cannot be read.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command, states=", ".join(STATES)), end="")
        return
    options = read_options(arguments)
    terminal = sys.stdout.isatty()
    try:
        while True:
            width = shutil.get_terminal_size().columns if terminal else None
            text = listing(options, time.time(), width)
            print(f"{CLEAR if terminal and options.watch else ''}{text}", flush=True)
            if not options.watch:
                return
            time.sleep(options.every_s)
    except KeyboardInterrupt:
        return


def read_options(arguments: Sequence[str]) -> RunsOptions:
    """Read folders, `--watch` and `key=value` arguments.

    Raises:
        UserError: for an unknown option, a value out of range, or a folder that does not exist.
    """
    roots = [_folder(each) for each in arguments if "=" not in each and not each.startswith("-")]
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if (equals and key not in ("every", "state", "metrics")) or (not equals and key.startswith("-")):
            if key != WATCH:
                raise UserError(
                    f"Unknown option '{key}'. {did_you_mean(key, ('every', 'state', 'metrics', WATCH))}"
                )
        elif equals:
            given[key] = value
    state = given.get("state")
    if state is not None and state not in STATES:
        raise UserError(f"state={state}: there is no such state. {did_you_mean(state, STATES)}")
    names = (name.strip(" '\"") for name in given.get("metrics", "").strip("[] ").split(","))
    return RunsOptions(
        tuple(roots) or (OUTPUTS,), WATCH in arguments, _seconds(given.get("every", str(EVERY_S))), state,
        tuple(filter(None, names)),
    )  # fmt: skip


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise UserError(f"There is no folder {text}. Type gan-zoo runs for those below ./outputs.")
    return path


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.1 <= seconds < math.inf:
        raise UserError(f"every={text}: give seconds from 0.1 on, such as every=5")
    return seconds


def listing(options: RunsOptions, now: float, width: int | None = None) -> str:
    """Return the table of all runs, and how many there are in which state.

    Args:
        options: what to list.
        now: the time, in seconds since the epoch.
        width: of the terminal in characters; longer lines are cut. None for whole lines.
    """
    found = [run for run in find_runs(*options.roots) if options.state in (None, run.state)]
    if not found:
        where = ", ".join(map(str, options.roots))
        which = "" if options.state is None else f" that is {options.state}"
        return f"No run{which} below {where}. Train one: python train.py"
    rows = [TITLES, *(row(run, options.metrics, now) for run in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{size}}" for cell, size in zip(each, widths, strict=True)) for each in rows]
    counts = Counter(run.state for run in found)
    total = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    return "\n".join([*(_cut(line.rstrip(), width) for line in lines), "", f"{len(found)} runs: {total}"])


def row(run: RunFiles, metrics: Sequence[str], now: float) -> tuple[str, ...]:
    """Return the cells of one run, in the order of the titles."""
    total = "" if run.kimg_total is None else f"/{run.kimg_total:g}"
    found = [
        f"{str(each.get('kind', '?')).replace('_', ' ')} since {each.get('since_kimg', 0):.1f} kimg"
        for each in run.findings
    ]
    error = (run.summary or {}).get("error")
    wrong = [str(error).splitlines()[0]] if error else []
    said = "; ".join([*wrong, *found]) or "-"
    return (
        str(run.path),
        run.state,
        f"{run.kimg:.1f}{total}",
        _ago(run.path, now),
        _numbers(run, metrics),
        said,
    )


def _numbers(run: RunFiles, metrics: Sequence[str]) -> str:
    """Return the last values of what was asked for, or of the usual numbers."""
    last: dict[str, float] = {}
    for each in run.rows():
        last.update(each)
    measured = sorted(name for name in last if name.startswith("quality/"))
    names = metrics or [name for name in (*measured, *PREFERRED) if name in last][:USUAL]
    parts = [f"{name.partition('/')[2] or name} {_value(name, last)}" for name in names]
    return ", ".join(parts).replace("_", " ") or "-"


def _value(name: str, last: dict[str, float]) -> str:
    if name not in last:
        return "-"
    whole = f"/{last[OF[name]]:.0f}" if name in OF and OF[name] in last else ""
    return f"{last[name]:.4g}{whole}"


def _ago(path: Path, now: float) -> str:
    """Return how long ago the run wrote something."""
    seconds = max(now - max(_times(path / name for name in NEWEST), default=now), 0.0)
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds / 86400:.0f} days ago"


def _times(paths: Iterable[Path]) -> list[float]:
    found = []
    for path in paths:
        try:
            found.append(path.stat().st_mtime)
        except OSError:  # it is not there, or the run replaces it just now
            continue
    return found


def _cut(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else f"{line[: max(width - 1, 0)]}…"
