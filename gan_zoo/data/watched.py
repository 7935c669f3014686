"""Files that are read while a run goes on."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from gan_zoo.errors import UserError


class WatchedFile:
    """A file that is mapped into memory, and must stay what it was.

    Touching a page of a mapped file behind its new end kills the process (SIGBUS), and a file that is
    overwritten in place gives other pixels without a word. Removing or replacing the file does no harm: what
    is mapped stays until it is unmapped.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)
        self._was = self._state()

    def check(self) -> None:
        """Look whether the file is what it was; about a microsecond.

        Raises:
            UserError: if its size or its time of modification has changed.
        """
        now = self._state()
        if now != self._was:
            sizes = f"it had {self._was[0]} bytes and has {now[0]}"
            raise UserError(
                f"The image cache {self.path} was changed while it was in use ({sizes}). Remove it and start "
                f"again: it is made anew. Keep other programs away from it with data.cache_dir=DIR, or keep "
                f"the images in memory with a larger data.memory_limit_gb."
            )

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self._descriptor)
        return status.st_size, status.st_mtime_ns
