"""Checkpoints and tables that are damaged between two processes of a run."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path

from chaos_faults.lab import Lab, Result, was_killed
from chaos_faults.plan import Act
from chaos_faults.running import Ended
from gan_zoo import checkpoint

LEAST_STEPS = 20  # after which there are three numbered checkpoints


def truncate(path: Path, draw: random.Random) -> str:
    """Cut a file at a random place."""
    size = draw.choice((0, path.stat().st_size - 1, draw.randrange(path.stat().st_size)))
    os.truncate(path, size)
    return f"cut to {size} bytes"


def flip(path: Path, draw: random.Random) -> str:
    """Turn one bit of a file over."""
    content = bytearray(path.read_bytes())
    bit = draw.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)  # in place: all names of the file see it
    return f"bit {bit} turned over"


DAMAGES: dict[str, Callable[[Path, random.Random], str]] = {
    "checkpoint truncated": truncate,
    "bit of a checkpoint flipped": flip,
}


def damaged(lab: Lab, subject: str, kind: str) -> Result:
    """Kill a run, damage its newest one or two checkpoints, and go on from the one before."""
    result, numbered, first = _killed(lab, subject, kind)
    how_many = lab.draw.choice((1, 1, 2))
    for path in numbered[-how_many:]:  # the newest is last.ckpt, too: one file under two names
        result.what += f"; {path.name} {DAMAGES[kind](path, lab.draw)}"
    least = checkpoint.images_in_name(numbered[-how_many - 1])
    going = lab.resume(result.run)
    result.expect("Passed over" in going.said, "nothing was said about the damage")
    return lab.went_on(result, subject, first, going, least)


def all_damaged(lab: Lab, subject: str) -> Result:
    """Kill a run and damage all of its checkpoints: it must be refused, and nothing be touched."""
    result, numbered, _ = _killed(lab, subject, "all checkpoints damaged, refused")
    for path in numbered:
        result.what += f"; {path.name} {lab.draw.choice((truncate, flip))(path, lab.draw)}"
    before = _content(lab.path(result.run))
    going = lab.resume(result.run)
    result.expect(going.code == 2, f"it was not refused, but left with {going.code}")
    named = "is damaged or truncated" in going.said or "is not a checkpoint" in going.said
    result.expect(named, f"it only said: {going.last_line}")
    result.expect("Traceback" not in going.said, "it showed a traceback")
    return result.expect(_content(lab.path(result.run)) == before, "files were changed")


def torn_row(lab: Lab, subject: str) -> Result:
    """Kill a run and cut its table in the middle of a row that came after the last checkpoint."""
    result, _, first = _killed(lab, subject, "row of metrics.csv torn", after="row")
    table = lab.path(result.run) / "metrics.csv"
    torn = table.read_bytes().rstrip(b"\n").rfind(b"\n") + 1
    size = lab.draw.randrange(torn, table.stat().st_size)
    os.truncate(table, size)
    result.what += f"; cut to {size} bytes"
    return lab.went_on(result, subject, first, lab.resume(result.run))


def _killed(lab: Lab, subject: str, kind: str, after: str | None = None) -> tuple[Result, list[Path], Ended]:
    """Kill a run at the begin of a step.

    Args:
        lab: where it runs.
        subject: what is trained.
        kind: of the fault.
        after: the scope that must have been left last before this step, None for any.

    Returns:
        The beginning of a result, the run's numbered checkpoints, oldest first, and how it ended.
    """
    events = [event for event in lab.control(subject).events if event["event"] == "left"]
    pairs = itertools.pairwise(events)
    steps = [now for before, now in pairs if now["scope"] == "step" and after in (None, before["scope"])]
    number = lab.draw.choice([step["number"] for step in steps if step["number"] > LEAST_STEPS])
    result = Result(kind, f"{subject}, killed in step {number}", lab.new(kind))
    first = lab.train(result.run, subject, [Act("kill", "step", number)])
    result.expect(was_killed(first), f"it was not killed, but left with {first.code}: {first.last_line}")
    return result, sorted((lab.path(result.run) / "checkpoints").glob(checkpoint.NUMBERED)), first


def _content(run: Path) -> dict[str, bytes]:
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}
