"""Lightning's strategy for several processes: it starts, aligns and watches them; the game does the rest.

Lightning's own DDP wraps the module, and would leave the gradients of penalties and of several backward
passes silently unsynchronized. Here nothing is wrapped: `gan_zoo.game.sync` averages each player's gradient
once per step, and what couples samples is summed in the forward (`gan_zoo.processes`).
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytorch_lightning as pl
import torch
import torch.distributed as distributed
from pytorch_lightning.strategies import DDPStrategy
from torch import Tensor
from tqdm import tqdm

from gan_zoo.assemble.launching import Launcher, end_now
from gan_zoo.assemble.processes import Processes, environment
from gan_zoo.assemble.watch import TELL_S, Watch, open_store
from gan_zoo.errors import UserError
from gan_zoo.module import GANModule
from gan_zoo.processes import reduce, waits

TIMEOUT = timedelta(minutes=30)  # of one collective operation; `watch` notices much earlier who is gone
LEAVE_S = 20.0  # for an orderly end after a failure


class SharedBatch(DDPStrategy):
    """Each process plays its share of every batch.

    Args:
        run_dir: where the run writes.

    Attributes:
        begin: called on the first process when all have joined: whatever they read is read by then, and may
            be replaced.
        lost: which process ended in error, where that is known.
    """

    def __init__(self, run_dir: Path) -> None:
        super().__init__(timeout=TIMEOUT)
        self.run_dir, self.watch = run_dir, cast("Watch | None", None)
        self._failed, self.lost = False, ""
        self.begin: Callable[[], Any] | None = None

    def _configure_launcher(self) -> None:
        assert self.cluster_environment is not None
        self._launcher = Launcher(self.cluster_environment, self.num_processes, self.num_nodes)
        self._launcher.run_dir = str(self.run_dir)

    def setup_environment(self) -> None:
        """Join the process group, and begin to watch."""
        super().setup_environment()
        assert self.cluster_environment is not None
        host = self.cluster_environment.main_address
        store = open_store(host, 0, True) if self.global_rank == 0 else None
        port = self.broadcast(store.port if store is not None else 0)
        store = store or open_store(host, port, False)
        end = partial(end_now, run_dir=str(self.run_dir), launcher=self.launcher)
        self.watch = Watch(self.global_rank, self.world_size, store, end)
        self.barrier()  # all have said something
        self.watch.start()
        if self.global_rank == 0 and self.begin is not None:
            self.begin()

    def configure_ddp(self) -> None:
        """Give all processes the networks of the first one, and wrap nothing.

        Raises:
            UserError: if the processes would train on different data, or from different places of a run.
        """
        module = cast(GANModule, self.lightning_module)
        mine = (module.dataset.fingerprint, (module.saved or {}).get("images", 0))
        theirs = self.broadcast(mine)
        differs = self.reduce_boolean_decision(mine != theirs, all=False)
        if differs:
            raise UserError(
                "The processes of this run see different data or checkpoints. Give all machines the same "
                "data.root (or data.path) and the same run_dir, on a shared file system."
            )
        self._meet_in_one_folder(module)
        with torch.no_grad(), waits():
            for tensor in itertools.chain(module.parameters(), module.buffers()):
                distributed.broadcast(tensor.data if tensor.is_contiguous() else _whole(tensor), 0)

    def _meet_in_one_folder(self, module: GANModule) -> None:
        """Take the folder of the first process; names with a time in them differ between processes."""
        own, module.run_dir = module.run_dir, Path(self.broadcast(str(module.run_dir)))
        if own.absolute() != module.run_dir.absolute():
            with suppress(OSError):  # Hydra made it, and nobody wrote to it
                own.rmdir()

    def training_step(self, *args: Any, **kwargs: Any) -> Any:
        """Play one batch."""
        if self.watch is None:
            return super().training_step(*args, **kwargs)
        with self.watch.turn():
            return super().training_step(*args, **kwargs)

    def barrier(self, *args: Any, **kwargs: Any) -> None:
        """Wait for all."""
        with waits():
            super().barrier(*args, **kwargs)

    def broadcast(self, obj: Any, src: int = 0) -> Any:
        """Return what process `src` has."""
        with waits():
            return super().broadcast(obj, src)

    def reduce(self, tensor: Tensor, group: Any = None, reduce_op: Any = "mean") -> Tensor:
        """Return a number of all processes."""
        with waits():
            return super().reduce(tensor, group, reduce_op)

    def on_exception(self, exception: BaseException) -> None:
        """Tell the others why they end; one that only lost another process knows no reason."""
        self._failed = True
        if self.watch is not None:
            text = str(exception).partition("\n")[0]
            why = f"Process {self.global_rank} failed ({type(exception).__name__}: {text})."
            self.watch.leave("" if reduce.is_broken() else why, TELL_S)
        if isinstance(self.launcher, Launcher):
            self.lost = self.launcher.lost()
            self.launcher.end(TELL_S)
        if reduce.is_broken():
            why = "Another process has ended, and this one could not end in order."
            timer = threading.Timer(LEAVE_S, end_now, (why, str(self.run_dir), self.launcher))
            timer.daemon = True
            timer.start()

    def teardown(self) -> None:
        """Watch no longer, and leave the process group."""
        if self.watch is not None:
            self.watch.leave()
            self.watch = None
        super().teardown()
        if distributed.is_initialized() and not self._failed:  # after a failure it might wait for ever
            distributed.destroy_process_group()


def _whole(tensor: Tensor) -> Tensor:
    """Return a view of a tensor in the order of its memory, `[N]`."""
    return tensor.data.as_strided((tensor.numel(),), (1,), tensor.storage_offset())


class SharedStop(pl.Callback):
    """Ends the run on all processes where the guard ends it on the first."""

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:
        """Ask all whether one stops."""
        trainer.should_stop = bool(trainer.strategy.reduce_boolean_decision(trainer.should_stop, all=False))


def strategy_arguments(processes: Processes, run_dir: Path) -> dict[str, Any]:
    """Return the arguments of Lightning's trainer that say how processes work together."""
    if processes.world == 1:
        return {"devices": 1}
    return {
        "devices": processes.devices,
        "num_nodes": processes.nodes,
        "strategy": SharedBatch(run_dir),
        "plugins": [environment()],
    }


@contextmanager
def lost_processes(trainer: pl.Trainer, run_dir: Path) -> Iterator[None]:
    """End with a message, and not with the text of a network library, where another process has gone.

    Raises:
        SystemExit: with 1, if a collective operation failed inside.
    """
    try:
        yield
    except Exception as error:
        if not reduce.is_broken():
            raise
        why = getattr(trainer.strategy, "lost", "") or "Another process has ended, or is out of reach."
        text = f"error: {why} The run ends on all processes. Its checkpoints are intact: go on with "
        tqdm.write(f"{text}resume={run_dir}", file=sys.stderr)
        raise SystemExit(1) from error
