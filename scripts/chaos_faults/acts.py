"""What can happen inside a training process: it is killed, its disk fills up, its files are taken away."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

FILLER = "filler"
BLOCK = 4096
CAPABILITIES = 0x20080522  # version 3 of the kernel's interface
MAY_OVERRIDE = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: root's right to ignore permissions


def kill() -> None:
    """End this process at once, as a machine that is taken away does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill(folder: str, room: int) -> None:
    """Fill the disk on which `folder` lies, but for `room` bytes."""
    status = os.statvfs(folder)
    left = status.f_bavail * status.f_frsize - room
    with (Path(folder) / FILLER).open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while left > 0:
            left -= file.write(bytes(min(left, BLOCK)))


def free(folder: str) -> None:
    """Take back what `fill` did."""
    (Path(folder) / FILLER).unlink()


def limit(size: int) -> None:
    """Refuse files of more than `size` bytes; where no disk can be filled."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def unlimit() -> None:
    """Take back what `limit` did."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def forbid(folder: str) -> None:
    """Remove the right to write in a folder and all below, also from root."""
    obey_permissions(True)
    for path in (Path(folder), *(path for path in Path(folder).rglob("*") if path.is_dir())):
        path.chmod(0o555)


def allow(folder: str) -> None:
    """Take back what `forbid` did."""
    for path in (Path(folder), *(path for path in Path(folder).rglob("*") if path.is_dir())):
        path.chmod(0o755)
    obey_permissions(False)


def remove_images(folder: str) -> None:
    """Remove all files in a folder."""
    for path in Path(folder).iterdir():
        path.unlink()


def cut_images(folder: str) -> None:
    """Truncate all files in a folder to half of their size."""
    for path in Path(folder).iterdir():
        os.truncate(path, path.stat().st_size // 2)


def hide_images(folder: str) -> None:
    """Remove the right to read all files in a folder, also from root."""
    obey_permissions(True)
    for path in Path(folder).iterdir():
        path.chmod(0)


def obey_permissions(obeys: bool) -> None:
    """Let root give up its right to ignore permissions, or take it back; for others nothing changes.

    Raises:
        OSError: if the kernel refuses.
    """
    if os.geteuid() != 0:
        return
    system = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    system.capget(header, sets)
    effective, permitted = sets[0], sets[1]
    sets[0] = effective & ~MAY_OVERRIDE if obeys else effective | (permitted & MAY_OVERRIDE)
    if system.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


ACTS: dict[str, Callable[..., None]] = {
    act.__name__: act
    for act in (kill, fill, free, limit, unlimit, forbid, allow, remove_images, cut_images, hide_images)
}
