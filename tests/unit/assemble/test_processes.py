"""Who trains together: asked for, or started by torchrun or SLURM."""

import pytest

from gan_zoo.assemble.processes import Processes, processes_of
from gan_zoo.errors import UserError

VARIABLES = (
    "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "TORCHELASTIC_RUN_ID",
    "SLURM_NTASKS", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_NNODES", "SLURM_NTASKS_PER_NODE",
    "SLURM_JOB_NAME",
)  # fmt: skip
AUTO = {"accelerator": "cpu", "devices": "auto", "num_nodes": "auto"}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def asked(**changes):
    return {"accelerator": "cpu", "devices": 1, **changes}


def start(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))


TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "x", "RANK": 5, "WORLD_SIZE": 8, "LOCAL_RANK": 1, "LOCAL_WORLD_SIZE": 4,
    "GROUP_RANK": 1,
}  # fmt: skip
SLURM = {
    "SLURM_NTASKS": 8, "SLURM_PROCID": 6, "SLURM_LOCALID": 2, "SLURM_NODEID": 1, "SLURM_NNODES": 2,
    "SLURM_JOB_NAME": "gan", "SLURM_NTASKS_PER_NODE": 4,
}  # fmt: skip


def test_one_process_is_the_usual():
    assert processes_of(asked()) == Processes()
    assert processes_of(AUTO).world == 1
    assert Processes().is_first


def test_the_first_of_several_starts_the_others(monkeypatch):
    assert processes_of(asked(devices=4)) == Processes(0, 0, 4, 1)
    start(monkeypatch, LOCAL_RANK=3)
    found = processes_of(asked(devices=4))
    assert (found.rank, found.world, found.is_first) == (3, 4, False)


def test_machines_may_be_told_by_hand(monkeypatch):
    start(monkeypatch, NODE_RANK=1, LOCAL_RANK=2)
    assert processes_of(asked(devices=4, num_nodes=2)) == Processes(6, 2, 4, 2)


@pytest.mark.parametrize(("variables", "rank"), [(TORCHRUN, 5), (SLURM, 6)], ids=["torchrun", "SLURM"])
def test_a_launcher_says_who_is_who(monkeypatch, variables, rank):
    start(monkeypatch, **variables)
    found = processes_of(AUTO)
    assert (found.rank, found.devices, found.nodes) == (rank, 4, 2)
    assert processes_of(asked(devices=4, num_nodes=2)) == found
    assert found.launcher in ("torchrun", "SLURM")


def test_tasks_are_counted_where_their_number_per_node_is_no_number(monkeypatch):
    start(monkeypatch, **{**SLURM, "SLURM_NTASKS_PER_NODE": "4(x2)"})
    assert processes_of(AUTO).devices == 4


@pytest.mark.parametrize("variables", [TORCHRUN, SLURM], ids=["torchrun", "SLURM"])
@pytest.mark.parametrize("devices", [1, 8])
def test_other_numbers_are_refused(monkeypatch, variables, devices):
    start(monkeypatch, **variables)
    with pytest.raises(UserError, match=rf"8 processes.*trainer\.devices={devices}.*Type trainer=ddp"):
        processes_of(asked(devices=devices, num_nodes=2))


def test_a_task_of_one_is_a_run_of_one(monkeypatch):
    start(monkeypatch, **{**SLURM, "SLURM_NTASKS": 1, "SLURM_PROCID": 0, "SLURM_LOCALID": 0})
    assert processes_of(asked()).world == 1


def test_a_process_that_nobody_counts_is_refused(monkeypatch):
    start(monkeypatch, LOCAL_RANK=1)
    with pytest.raises(UserError, match=r"LOCAL_RANK=1.*trainer\.devices=2"):
        processes_of(asked())
