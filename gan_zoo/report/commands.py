"""What to type to repeat a run, to go on with it, or to try a remedy."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from gan_zoo.config.grammar import LISTS
from gan_zoo.config.started import key_of, merged_overrides
from gan_zoo.run_files import RunFiles

PLACES = ("run_dir", "resume", "hydra.sweep.dir", "hydra.run.dir")  # where a run lies, not what it is


def quoted(text: str) -> str:
    """Return a word with the quotes that a shell needs."""
    return shlex.quote(text)


def typed(run: RunFiles) -> list[str]:
    """Return what was typed after the program, but for where the run should lie."""
    overrides: Sequence[str] = run.overrides
    if not overrides:
        words = _split(str((run.summary or {}).get("command") or ""))
        overrides = [word for word in words if "=" in word or word.startswith("~")]
    return [each for each in overrides if key_of(each) not in PLACES]


def repeat_command(run: RunFiles, changes: Sequence[str] = ()) -> str:
    """Return the command that trains this run anew, with changes."""
    before = typed(run)
    seed = run.config.get("seed")
    if seed is not None and not any(key_of(each) == "seed" for each in before):
        before.append(f"seed={seed}")  # a default may change between versions
    return f"{program(run)} {shlex.join(merged_overrides(before, _united(before, changes)))}"


def resume_command(run: RunFiles) -> str:
    """Return the command that goes on with this run."""
    return f"{program(run)} {quoted(f'resume={shown(run.path)}')}"


def evaluate_command(run: RunFiles) -> str:
    """Return the command that measures this run against real data."""
    called = "gan-zoo evaluate" if program(run).startswith("gan-zoo") else "python scripts/evaluate.py"
    return f"{called} {quoted(f'run={shown(run.path)}')}"


def program(run: RunFiles) -> str:
    """Return how the program was called."""
    command = str((run.summary or {}).get("command") or "")
    return "gan-zoo train" if command.startswith("gan-zoo") else "python train.py"


def shown(path: Path) -> str:
    """Return a path as a person at this place would type it."""
    whole, here = path.resolve(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)


def _united(before: Sequence[str], changes: Sequence[str]) -> list[str]:
    """Return the changes; a list of parts is added to the one that was typed, which it would replace."""
    listed = {key_of(each): each.partition("=")[2] for each in before}
    united = []
    for change in changes:
        key, _, value = change.partition("=")
        if key in LISTS and key in listed:
            names = dict.fromkeys([*_names(listed[key]), *_names(value)])
            change = f"{key}=[{','.join(names)}]"
        united.append(change)
    return united


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.strip("[]").split(",") if name.strip()]


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # an open quote
        return []
