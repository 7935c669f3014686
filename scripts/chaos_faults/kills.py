"""Processes that are killed: inside a step, inside a write, and at any time from outside."""

from __future__ import annotations

from pathlib import Path

from chaos_faults.lab import Lab, Result, was_killed
from chaos_faults.plan import Act, images_of
from chaos_faults.subjects import STEPS
from gan_zoo import checkpoint
from gan_zoo.errors import UserError

OTHER_WRITES = ("row", "picture", "summary")
INSIDE = {"step": "a step", "checkpoint": "a checkpoint's write"}
SHARE = 0.9  # of the time that a run takes, within which it is killed


def killed_inside(lab: Lab, subject: str, scope: str) -> Result:
    """Kill a process at a random moment inside a step or a write, and go on.

    Moments that occur often (half a write) are drawn no more often than those that occur once.
    """
    entries = [event for event in lab.control(subject).events if event.get("scope") == scope]
    entry = lab.draw.choice(entries)
    name = lab.draw.choice(sorted(set(entry["ticks"])))
    tick = lab.draw.choice([place for place, each in enumerate(entry["ticks"]) if each == name])
    kind = f"SIGKILL inside {INSIDE.get(scope, 'a row, picture or summary')}"
    return _killed_at(lab, subject, kind, Act("kill", scope, entry["number"], tick), name)


def _killed_at(lab: Lab, subject: str, kind: str, act: Act, name: str) -> Result:
    what = f"{subject}, {act.scope} {act.number}, moment {act.tick} ({name})"
    result = Result(kind, what, lab.new(f"killed {act.scope}"))
    first = lab.train(result.run, subject, [act])
    result.expect(was_killed(first), f"it was not killed, but left with {first.code}: {first.last_line}")
    result.problems += incomplete(lab.path(result.run))
    return lab.went_on(result, subject, first, lab.resume(result.run))


def incomplete(run: Path) -> list[str]:
    """Return what is wrong with checkpoints that a killed process left: none may be torn."""
    found = []
    for path in sorted((run / "checkpoints").glob("*.ckpt")):
        try:
            checkpoint.load(path, "meta")
        except UserError:
            found.append(f"{path.name} was left incomplete")
    return found


def killed_from_outside(lab: Lab, subject: str) -> Result:
    """Kill a process at any time, from its start on, and repeat the same command with `resume=auto`."""
    seconds = lab.control(subject).seconds * SHARE * lab.draw.random()
    result = Result("SIGKILL at any time", f"{subject}, after {seconds:.3f} s", lab.new("killed outside"))
    first = lab.train(result.run, subject, more=["resume=auto"], kill_after_s=seconds)
    if not was_killed(first):  # it was faster than before
        result.what += ", which was too late"
    result.problems += incomplete(lab.path(result.run))
    return lab.went_on(result, subject, first, lab.train(result.run, subject, more=["resume=auto"]))


def killed_at_the_end(lab: Lab, subject: str) -> Result:
    """Kill a process when its last checkpoint is complete, before it has said that the run has finished."""
    return _killed_at(
        lab, subject, "SIGKILL behind the last checkpoint", Act("kill", "summary", 1), "its begin"
    )


def killed_again(lab: Lab, subject: str) -> Result:
    """Kill a process, kill the one that goes on soon after its start, and go on."""
    first, second = lab.draw.randrange(2, STEPS - 8), lab.draw.randrange(1, 4)
    what = f"{subject}, in step {first}, then in step {second} after it"
    result = Result("SIGKILL, and again when it goes on", what, lab.new("killed again"))
    ended = [lab.train(result.run, subject, [Act("kill", "step", first)])]
    ended.append(lab.resume(result.run, [Act("kill", "step", second, 3)]))
    result.expect(all(map(was_killed, ended)), f"it was not killed: {[each.code for each in ended]}")
    saved = [images for each in ended for images in images_of(each.events, "left", "checkpoint")]
    return lab.went_on(result, subject, ended[-1], lab.resume(result.run), max(saved, default=0))
