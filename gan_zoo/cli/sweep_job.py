"""What a launcher starts for each job: one ordinary run, which saves and ends when its launcher is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path

from gan_zoo.cli.train import main as train
from gan_zoo.errors import UserError
from gan_zoo.sweep.lock import only_here
from gan_zoo.sweep.session import RESUME_ME

STANDARD_INPUT = 0
END_S = 120.0  # to save and end


def main(program: str) -> None:
    """Train what the arguments say, as long as nobody else does.

    Args:
        program: what the user typed before them.
    """
    threading.Thread(target=_follow, name="gan_zoo-sweep", daemon=True).start()
    if hasattr(signal, "SIGUSR2"):  # submitit's; it answers with the SIGTERM that we know
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    lock, patience_s = os.environ.pop("GAN_ZOO_LOCK", ""), float(os.environ.pop("GAN_ZOO_PATIENCE_S", "0"))
    first = os.environ.get("SLURM_PROCID", "0") == "0"  # further processes belong to the same run
    try:
        with only_here(Path(lock), patience_s) if lock and first else nullcontext():
            train(program=program)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def _follow() -> None:
    """End this process, saved, when the one that started it has gone: its end of the pipe closes then."""
    while os.read(STANDARD_INPUT, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_S)
    os._exit(RESUME_ME)
