"""One process at a time in a job's folder: a lock that ends with the process that holds it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gan_zoo.errors import UserError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

POLL_S = 0.2
UNAVAILABLE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # file systems without locks


@contextmanager
def only_here(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock of a file while inside; the file goes again afterwards.

    Args:
        path: of the file.
        patience_s: how long to wait for another process, for instance one that is saving its run.

    Raises:
        UserError: if another process still holds it then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + patience_s
    while (handle := _acquired(path)) is None:
        if time.monotonic() > end:
            raise UserError(
                f"Another process is training in this folder (it holds {path}). Wait until it has "
                f"ended, then type the same again."
            )
        time.sleep(POLL_S)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _acquired(path: Path) -> int | None:
    """Return an open file that is locked, or None."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(handle).st_ino:  # else its last holder has just removed it
            return handle
    except OSError as error:
        if error.errno in UNAVAILABLE:
            return handle
    os.close(handle)
    return None
