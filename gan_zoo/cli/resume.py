"""`resume=DIR` and `resume=auto`: the arguments of the run that goes on, before Hydra composes anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gan_zoo.config.grammar import quoted
from gan_zoo.config.started import FILE, is_finished, key_of, merged_overrides, read_started
from gan_zoo.errors import UserError

KEY = "resume"
AUTO = "auto"
OUTPUTS = Path("outputs")
SWEEPS = ("-m", "--multirun")


def with_run(arguments: Sequence[str]) -> list[str]:
    """Return arguments in which `resume=` has become the arguments of the run that goes on.

    With `resume=DIR` these are what it was started with, and what is typed beside it. With `resume=auto` they
    are what is typed: the folder is `run_dir` where that is given, else that of the newest unfinished run
    below ./outputs that was started by the same words, else a new one. In a sweep each run looks at its own
    folder.

    Raises:
        UserError: if the folder holds no run, or is given twice.
    """
    asked = [each.partition("=")[2].strip("'\"") for each in arguments if key_of(each) == KEY]
    typed = [each for each in arguments if key_of(each) != KEY]
    if not asked or asked[-1] in ("", "null", "false"):
        return typed
    sweeps = any(each in SWEEPS for each in arguments)
    if asked[-1] == AUTO:
        known = sweeps or any(key_of(each) == "run_dir" for each in typed)
        found = None if known else _same(typed)
        return [*typed, f"{KEY}={AUTO}", *([f"run_dir={quoted(found)}"] if found else [])]
    folder = Path(asked[-1]).expanduser()
    if sweeps or any(key_of(each) == "run_dir" for each in typed):
        other = "-m" if sweeps else "run_dir"
        raise UserError(f"resume={folder} goes on in that folder, so it cannot stand beside {other}.")
    before = [each for each in read_started(folder).overrides if key_of(each) not in ("run_dir", KEY)]
    return [*merged_overrides(before, typed), f"run_dir={quoted(folder)}", f"{KEY}={quoted(folder)}"]


def _same(typed: Sequence[str]) -> Path | None:
    """Return the newest run below ./outputs that the same words started and that has not finished."""
    words = sorted(each for each in typed if not each.startswith("-"))
    found = []
    for path in OUTPUTS.glob(f"*/{FILE}"):
        try:
            started = read_started(path.parent)
        except UserError:
            continue
        own = sorted(each for each in started.overrides if key_of(each) not in ("run_dir", KEY))
        if own == words and not is_finished(path.parent):
            found.append((path.stat().st_mtime_ns, path.parent))
    return max(found)[1] if found else None
