"""Starts the further processes of a run on this machine, and ends them with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pytorch_lightning.strategies.launchers import _SubprocessScriptLauncher
from tqdm import tqdm

from gan_zoo.config.grammar import quoted

POLL_S = 1.0
END_S = 60.0  # for the others to end after the first process
PROGRAM = "from gan_zoo.cli.train import main; main()"


class Launcher(_SubprocessScriptLauncher):
    """Lightning's launcher of scripts, which says why it ends a run and waits for those that it started.

    Lightning's own kills all processes without a word when one of them fails, and starts again whatever was
    typed, `resume=` and the name of the run's folder included.

    Attributes:
        run_dir: where the run writes; the others get it as it is here.
    """

    run_dir: str = ""
    _ends: bool = False

    def launch(self, function: Callable[..., Any], *args: Any, trainer: Any = None, **kwargs: Any) -> Any:
        """Start the others unless somebody else did, and call the function."""
        self.cluster_environment.validate_settings(self.num_processes, self.num_nodes)
        if self.cluster_environment.creates_processes_externally:
            return function(*args, **kwargs)
        self._start()
        threading.Thread(target=self._look_after, name="gan_zoo-launcher", daemon=True).start()
        try:
            result = function(*args, **kwargs)
        except BaseException:
            self._ends = True  # the strategy ends the others, once they know why
            raise
        self.end(END_S)
        return result

    def _start(self) -> None:
        cluster = self.cluster_environment
        place = {
            "MASTER_ADDR": cluster.main_address,
            "MASTER_PORT": str(cluster.main_port),
            "NODE_RANK": str(cluster.node_rank()),
            "WORLD_SIZE": str(self.num_processes * self.num_nodes),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "TORCH_CPP_LOG_LEVEL": os.environ.get("TORCH_CPP_LOG_LEVEL", "ERROR"),  # no stacks of C++
        }
        words = further_arguments(sys.argv[1:], self.run_dir)
        for rank in range(1, self.num_processes):
            self.procs.append(
                subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, *words],
                    env={**os.environ, **place, "LOCAL_RANK": str(rank)},
                )
            )

    def _look_after(self) -> None:
        """End the run if one of the others ends in error."""
        event = threading.Event()
        while not self._ends:
            event.wait(POLL_S)
            if self.lost() and not event.wait(POLL_S) and not self._ends:  # this process may know more
                end_now(self.lost(), self.run_dir, self)

    def lost(self) -> str:
        """Return which of the started processes ended in error, and how."""
        for rank, process in enumerate(self.procs, 1):
            code = process.poll()
            if code:
                how = f"was killed by {_name(-code)}" if code < 0 else f"failed (exit code {code})"
                return f"Process {rank} {how}."
        return ""

    def end(self, patience_s: float = 0.0) -> None:
        """Wait for the others, and kill those that stay."""
        self._ends = True
        for process in self.procs:
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
            process.kill()
            process.wait()


def end_now(why: str, run_dir: str, launcher: Any) -> None:
    """End this process and those that it started, although its main thread may wait for ever."""
    text = (
        f"error: {why} The run ends on all processes. Its checkpoints are intact: go on with resume={run_dir}"
    )
    with suppress(ValueError, OSError):
        tqdm.write(text, file=sys.stderr)
        sys.stderr.flush()
    if isinstance(launcher, Launcher):
        with suppress(Exception):
            launcher.end()
    os._exit(1)


def further_arguments(arguments: Sequence[str], run_dir: str) -> list[str]:
    """Return what the further processes are started with: the same run, in the same folder.

    Example:
        >>> further_arguments(["seed=1", "run_dir=outputs/${now:%Y}"], "outputs/mine")
        ['seed=1', "run_dir='outputs/mine'"]
        >>> further_arguments(["seed=1", "run_dir='outputs/mine'", "resume='outputs/mine'"], "outputs/mine")
        ['seed=1', "resume='outputs/mine'"]
    """
    kept = [each for each in arguments if not each.startswith("run_dir=")]
    resumed = [each.partition("=")[2].strip("'\"") for each in kept if each.startswith("resume=")]
    if resumed and resumed[-1] not in ("auto", "null", "false", ""):
        return kept  # that folder
    return [*kept, f"run_dir={quoted(run_dir)}"]


def _name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
