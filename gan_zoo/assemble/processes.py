"""Which processes train together: as many as are asked for, started by us, by torchrun or by SLURM."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from pytorch_lightning.plugins.environments import (
    ClusterEnvironment,
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)

from gan_zoo.errors import UserError

PER_NODE = ("SLURM_NTASKS_PER_NODE", "SLURM_STEP_TASKS_PER_NODE")


@dataclass(frozen=True)
class Processes:
    """The processes of a run, each with one device.

    Attributes:
        rank: of this one.
        local_rank: among those of this machine; the number of its device.
        devices: processes per machine.
        nodes: machines.
        launcher: who starts them: `torchrun`, `SLURM`, or `` for this program itself.
    """

    rank: int = 0
    local_rank: int = 0
    devices: int = 1
    nodes: int = 1
    launcher: str = ""

    @property
    def world(self) -> int:
        """Their number."""
        return self.devices * self.nodes

    @property
    def is_first(self) -> bool:
        """Whether this one writes and prints."""
        return self.rank == 0


def processes_of(trainer: Mapping[str, Any]) -> Processes:
    """Return the processes that the `trainer` part of a configuration asks for.

    Raises:
        UserError: if torchrun or SLURM has started another number, or it can't be told how many are meant.
    """
    cluster = environment()
    launcher = _launcher(cluster)
    started = cluster.world_size() if launcher else 0
    devices = _devices(trainer, launcher, started)
    nodes = trainer.get("num_nodes", 1)
    if nodes == "auto":
        nodes = max(1, started // devices)
    if not launcher:
        local = cluster.local_rank()
        if local >= devices:
            raise UserError(
                f"LOCAL_RANK={local} says that this is process {local} of this machine, and the run has "
                f"trainer.devices={devices}. Type trainer=ddp trainer.devices={local + 1}, or unset it."
            )
        return Processes(cluster.node_rank() * devices + local, local, devices, nodes)
    if started != devices * nodes:
        raise UserError(
            f"{launcher} has started {started} processes, and the run has trainer.devices={devices} on "
            f"trainer.num_nodes={nodes}, which are {devices * nodes}. Type trainer=ddp, which takes what is "
            f"started, or give numbers whose product is {started}."
        )
    return Processes(cluster.global_rank(), cluster.local_rank(), devices, nodes, launcher)


def environment() -> ClusterEnvironment:
    """Return Lightning's description of who started this process."""
    if TorchElasticEnvironment.detect():
        return TorchElasticEnvironment()
    if SLURMEnvironment.detect():
        return SLURMEnvironment(auto_requeue=False)  # a scheduler's signal saves the run, see docs/resume.md
    return LightningEnvironment()


def _launcher(cluster: ClusterEnvironment) -> str:
    names = {TorchElasticEnvironment: "torchrun", SLURMEnvironment: "SLURM"}
    return names.get(type(cluster), "")


def _devices(trainer: Mapping[str, Any], launcher: str, started: int) -> int:
    """Return the number of processes per machine."""
    if trainer["devices"] != "auto":
        return int(trainer["devices"])
    if launcher == "torchrun":
        return int(os.environ["LOCAL_WORLD_SIZE"])
    if launcher == "SLURM":
        listed = [os.environ[name] for name in PER_NODE if os.environ.get(name, "").isdigit()]
        return int(listed[0]) if listed else max(1, started // int(os.environ.get("SLURM_NNODES", "1")))
    gpus = trainer["accelerator"] in ("auto", "gpu") and torch.cuda.is_available()
    return torch.cuda.device_count() if gpus else 1
