"""What a run needs is taken away while it trains: room on the disk, the right to write, its images."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from chaos_faults import acts
from chaos_faults.lab import Lab, Result, was_killed
from chaos_faults.plan import Act
from chaos_faults.subjects import PICTURES, STEPS

DISK = 4 << 20  # bytes of the small disk; a run takes one
ROOMS = (0, 24_000)  # bytes that are left on it: nothing, or enough for rows and for no checkpoint
LIMIT = 12_000  # bytes of a file at most, where no disk can be made
SPOILED = ("remove_images", "cut_images", "hide_images")


def full_disk(lab: Lab, subject: str, room: int, lasts: bool) -> Result:
    """Fill the disk but for some room while a run trains; free it ten steps later, or when it has ended."""
    result = Result("disk full", subject, lab.new("disk full"))
    folder = str(lab.path(result.run))
    first, last = _from_to(lab, result, lasts)
    with _small_disk(lab.path(result.run)) as small:
        if small:
            result.what += f", {room} bytes free"
            arguments = {"folder": folder}
            planned = [Act("fill", "step", first, arguments={**arguments, "room": room})]
            planned += [Act("free", "step", last, arguments=arguments)] if last else []
        else:
            result.what += f", no file above {LIMIT} bytes"
            planned = [Act("limit", "step", first, arguments={"size": LIMIT})]
            planned += [Act("unlimit", "step", last)] if last else []
        ended = lab.train(result.run, subject, planned)
        message = "No space left on device" if small else "File too large"
        result.expect(message in ended.said, f"nothing said '{message}'")
        mend = (lambda: (Path(folder) / acts.FILLER).unlink(missing_ok=True)) if small else (lambda: None)
        lab.outlived(result, subject, ended, mend, message)
    return result


def no_permission(lab: Lab, subject: str, lasts: bool) -> Result:
    """Remove the right to write in a run's folder; give it back ten steps later, or when it has ended."""
    result = Result("write permission removed", subject, lab.new("no permission"))
    folder = str(lab.path(result.run))
    first, last = _from_to(lab, result, lasts)
    planned = [Act("forbid", "step", first, arguments={"folder": folder})]
    planned += [Act("allow", "step", last, arguments={"folder": folder})] if last else []
    ended = lab.train(result.run, subject, planned)
    result.expect("Permission denied" in ended.said, "nothing said 'Permission denied'")
    lab.outlived(result, subject, ended, partial(acts.allow, folder), "Permission denied")
    acts.allow(folder)
    return result


def spoiled_images(lab: Lab, how: str, killed: bool) -> Result:
    """Spoil the images while a run trains; it must not care, unless it has to begin anew."""
    kind = "images unreadable in mid-run" + (", then SIGKILL" if killed else "")
    result = Result(kind, f"dcgan, {how}", lab.new("images"))
    own = lab.path(f"{result.run}.{PICTURES}")
    shutil.copytree(lab.folder / PICTURES, own)
    first = lab.draw.randrange(2, STEPS - 10)
    result.what += f" in step {first}"
    planned = [Act(how, "step", first, arguments={"folder": str(own)})]
    planned += [Act("kill", "step", first + 8)] if killed else []
    ended = lab.train(result.run, "dcgan", planned, more=[f"data.path={result.run}.{PICTURES}"])
    if not killed:
        result.expect(ended.code == 0, f"it left with {ended.code}: {ended.last_line}")
        return lab.outlived(result, "dcgan", ended, lambda: None, "")
    result.expect(was_killed(ended), f"it was not killed, but left with {ended.code}")
    refused = lab.resume(result.run)
    result.expect(refused.code == 2, f"without its images it left with {refused.code}: {refused.last_line}")
    result.expect("Traceback" not in refused.said, "it showed a traceback")
    shutil.rmtree(own)
    shutil.copytree(lab.folder / PICTURES, own)
    return lab.went_on(result, "dcgan", ended, lab.resume(result.run))


def cut_cache(lab: Lab) -> Result:
    """Truncate the file of decoded images while a run reads it: it ends with a message, and can go on."""
    result = Result("image cache truncated in mid-run", "dcgan", lab.new("cache"))
    cache = f"{result.run}.cache"
    first = lab.draw.randrange(8, STEPS - 10)
    result.what += f", in step {first}"
    planned = [Act("cut_images", "step", first, arguments={"folder": str(lab.path(cache))})]
    more = ["data.memory_limit_gb=1e-9", f"data.cache_dir={cache}"]
    ended = lab.train(result.run, "dcgan", planned, more=more)
    result.expect(ended.code != 0, "it did not notice")
    return lab.outlived(result, "dcgan", ended, lambda: None, "was changed while it was in use")


def _from_to(lab: Lab, result: Result, lasts: bool) -> tuple[int, int | None]:
    """Draw in which step an outage begins, and say when it ends; None where it outlasts the run."""
    first = lab.draw.randrange(8, STEPS - 16)
    last = None if lasts else first + 10  # at least one checkpoint falls between them
    result.what += f", from step {first} to {last or 'the end'}"
    return first, last


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    """Put a disk of a few MiB in the place of a folder, where this is allowed; say whether it was."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
