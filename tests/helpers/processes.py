"""Several processes that talk over gloo, for what must hold under torch.distributed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import distributed


def run_processes(function: Callable[[int, int], Any], world: int, folder: Path) -> list[Any]:
    """Return what `function(rank, world)` returns in each of `world` processes, in order of rank.

    Args:
        function: of a module that a fresh process can import.
        world: how many processes.
        folder: for the meeting point and the answers.
    """
    torch.multiprocessing.spawn(_work, args=(function, world, folder), nprocs=world)
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(world)]


def _work(rank: int, function: Callable[[int, int], Any], world: int, folder: Path) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{folder / 'meeting'}"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=world)
    try:
        torch.save(function(rank, world), folder / f"{rank}.pt")
    finally:
        distributed.destroy_process_group()
