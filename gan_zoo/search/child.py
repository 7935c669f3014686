"""What a trial's process does beside training: it ends, saved, when the search that started it has died."""

from __future__ import annotations

import os
import signal
import threading
import time

LOOK_S = 0.5
PARENT = "GAN_ZOO_SEARCH"  # the search's process id


def watch_parent() -> None:
    """Ask this process to save its run and end, once its parent is no longer the search."""
    search = int(os.environ.get(PARENT, os.getppid()))

    def watch() -> None:
        while os.getppid() == search:
            time.sleep(LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="gan_zoo-search", daemon=True).start()
