"""`gan-zoo runs` and `scripts/runs.py`: what runs there are and how they fare, from their files alone."""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_zoo.cli.runs_cells import changed_at, row
from gan_zoo.cli.runs_table import cut, fitting, table
from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.run_files import STATES, find_runs

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
KEYS = ("every", "state", "metrics")
FOOT = 3  # lines below the runs, that of the cursor included
EVERY_S = 5.0
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
            columns, lines = shutil.get_terminal_size()
            size = (columns if terminal else None, lines if terminal and options.watch else None)
            text = listing(options, time.time(), *size)
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
    roots: list[Path] = []
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if (folder := _folder(argument)) is not None:  # whose name may hold a `=`, as those of sweeps do
            roots.append(folder)
        elif equals and key in KEYS:
            given[key] = value
        elif argument != WATCH:
            raise _neither(argument)
    state = given.get("state")
    if state is not None and state not in STATES:
        raise UserError(f"state={state}: there is no such state. {did_you_mean(state, STATES)}")
    names = (name.strip(" '\"") for name in given.get("metrics", "").strip("[] ").split(","))
    return RunsOptions(
        tuple(roots) or (OUTPUTS,), WATCH in arguments, _seconds(given.get("every", str(EVERY_S))), state,
        tuple(filter(None, names)),
    )  # fmt: skip


def _folder(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.is_dir() else None
    except (RuntimeError, OSError):  # the home of nobody; a name of too many characters
        return None


def _neither(argument: str) -> UserError:
    """Return the refusal of a word that is neither a folder nor an option."""
    key, equals, _ = argument.partition("=")
    if argument.startswith("-"):
        return UserError(f"Unknown option '{key}'. {did_you_mean(key, (*KEYS, WATCH))}")
    if equals:
        return UserError(
            f"There is no folder {argument}, and no option '{key}'. {did_you_mean(key, (*KEYS, WATCH))}"
        )
    return UserError(f"There is no folder {argument}. Type gan-zoo runs for those below ./outputs.")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.1 <= seconds < math.inf:
        raise UserError(f"every={text}: give seconds from 0.1 on, such as every=5")
    return seconds


def listing(options: RunsOptions, now: float, width: int | None = None, height: int | None = None) -> str:
    """Return the table of all runs, and how many there are in which state.

    Args:
        options: what to list.
        now: the time, in seconds since the epoch.
        width: of the terminal in characters, None for lines as long as they are.
        height: of the terminal in lines; runs that do not fit are counted, those that wrote something last
            stand first. None for all runs by their paths.
    """
    found = [run for run in find_runs(*options.roots) if options.state in (None, run.state)]
    if not found:
        where = ", ".join(map(str, options.roots))
        which = "" if options.state is None else f" that is {options.state}"
        return f"No run{which} below {where}. Train one: python train.py"
    counts = Counter(run.state for run in found)
    total = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    heads, blocks = table([row(run, options.metrics, now) for run in found], width)
    more = ""
    if height is not None:
        newest = sorted(range(len(found)), key=lambda number: -changed_at(found[number].place, 0.0))
        kept, left = fitting(blocks, newest, height - len(heads) - FOOT)
        blocks, more = [blocks[number] for number in kept], f"... and {left} more, which changed earlier."
        more = more if left else ""
    lines = [*heads, *(line for block in blocks for line in block), more, f"{len(found)} runs: {total}"]
    return "\n".join(cut(line, width) for line in lines)
