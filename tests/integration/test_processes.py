"""Runs of several processes from the command line: ours, torchrun's, resumed, killed and stopped ones."""

import csv
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.resuming import seen
from helpers.runs import SMALL
from helpers.together import farthest

from gan_zoo import checkpoint

ROOT = Path(__file__).resolve().parents[2]
WORDS = [
    "model=mlp", "data=ring", *SMALL["mlp"], "batch_size=16", "loss=wgangp", "trainer.accelerator=cpu",
    "trainer.threads=1", "callbacks.checkpoints.keep_last=99", "callbacks.checkpoints.every_kimg=0.1",
]  # fmt: skip
TWO = ["trainer=ddp", "trainer.devices=2"]
SCRIPT = [sys.executable, str(ROOT / "train.py")]
pytestmark = pytest.mark.slow


def started(folder, *words, before=SCRIPT, **variables):
    """Start a command in a folder of its own, in which runs get their names."""
    clean = {k: v for k, v in os.environ.items() if k not in ("LOCAL_RANK", "WORLD_SIZE", "MASTER_PORT")}
    return subprocess.Popen(
        [*before, *words], cwd=folder, env={**clean, "OMP_NUM_THREADS": "1", **variables}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def ended(process, code=0, within_s=300.0):
    """Wait for a command; return what it said."""
    try:
        said, _ = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(process.communicate()[0][-3000:]) from None
    assert process.returncode == code, said[-3000:]
    return said


def trained(folder, *words):
    ended(started(folder, *words))


def distance(one, two):
    """Return how far two finished runs are apart in anything that their last checkpoints hold of the game."""
    return farthest(*(checkpoint.load(run / "checkpoints" / "last.ckpt")["game"] for run in (one, two)))


def rows(run):
    with (run / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return [
            {k: float(v) for k, v in row.items() if v and "second" not in k} for row in csv.DictReader(file)
        ]


def cut(run, other, images):
    """Copy a run as it would stand if it had ended at a checkpoint in its middle."""
    shutil.copytree(run, other)
    for path in (other / "checkpoints").glob("*kimg.ckpt"):
        if seen(path) > images:
            path.unlink()
    newest = max((other / "checkpoints").glob("*kimg.ckpt"), key=seen)
    shutil.copy(newest, other / "checkpoints" / "last.ckpt")
    (other / "summary.json").unlink()
    return other


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def one(folder):
    trained(folder, *WORDS, "kimg=0.8", "run_dir=one")
    return folder / "one"


@pytest.fixture(scope="module")
def two(folder):
    trained(folder, *WORDS, *TWO, "kimg=0.8", "run_dir=two")
    return folder / "two"


def test_two_processes_end_where_one_ends(one, two):
    assert distance(one, two) < 1e-4
    assert sorted(path.name for path in two.iterdir()) == sorted(path.name for path in one.iterdir())
    assert rows(two) == [pytest.approx(row, rel=1e-3, abs=1e-3) for row in rows(one)]


def test_a_run_goes_on_with_more_processes(folder, one):
    going = cut(one, folder / "more", 400)
    trained(folder, "resume=more", *TWO)
    assert distance(one, going) < 1e-4


def test_a_run_goes_on_with_fewer_processes(folder, one, two):
    going = cut(two, folder / "fewer", 400)
    trained(folder, "resume=fewer", "trainer.devices=1")
    assert distance(one, going) < 1e-4


def test_two_agents_of_torchrun_are_two_machines(folder, one):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    agents = []
    for node in range(2):
        agent = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", f"--node-rank={node}"]
        agent += ["--nproc-per-node=1", "--master-addr=127.0.0.1", f"--master-port={port}", SCRIPT[1]]
        agents.append(started(folder, *WORDS, "trainer=ddp", "kimg=0.8", "run_dir=torchrun", before=agent))
    said = [ended(agent) for agent in agents]
    assert sum("Finished" in text for text in said) == 1
    assert distance(one, folder / "torchrun") < 1e-4


def child_of(process):
    """Return the process that a run has started on this machine."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return int(found.stdout.split()[0])


def wait_for(path: Path, within_s=200.0):
    until = time.monotonic() + within_s
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.mark.skipif(shutil.which("pgrep") is None, reason="finds the other process with pgrep")
@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGKILL, "Process 1 was killed by SIGKILL"),
        (signal.SIGSTOP, "Process 1 has been silent for 15 s"),
    ],
    ids=["killed", "stopped"],
)
def test_a_process_that_is_gone_ends_the_run(tmp_path, number, message):
    process = started(tmp_path, *WORDS, *TWO, "kimg=10000", "run_dir=lost")
    try:
        wait_for(tmp_path / "lost" / "checkpoints" / "last.ckpt")
        os.kill(child_of(process), number)
        began = time.monotonic()
        said = ended(process, code=1, within_s=60.0)
        assert time.monotonic() - began < 30.0
        assert message in said
        assert "resume=lost" in said
        assert checkpoint.load(tmp_path / "lost" / "checkpoints" / "last.ckpt")["images"] > 0
    finally:
        process.kill()


@pytest.mark.skipif(shutil.which("pgrep") is None, reason="finds the other process with pgrep")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_the_others_end_without_the_first_process(tmp_path, number):
    process = started(tmp_path, *WORDS, *TWO, "kimg=10000", "run_dir=lost")
    try:
        wait_for(tmp_path / "lost" / "checkpoints" / "last.ckpt")
        child = child_of(process)
        process.send_signal(number)
        until = time.monotonic() + 30.0
        while (
            Path(f"/proc/{child}").exists() and "\nState:\tZ" not in Path(f"/proc/{child}/status").read_text()
        ):
            assert time.monotonic() < until
            time.sleep(0.2)
    finally:
        process.kill()
    assert "resume=lost" in process.communicate()[0]


def test_a_signal_saves_the_run_once(tmp_path):
    process = started(tmp_path, *WORDS, *TWO, "kimg=10000", "run_dir=asked")
    wait_for(tmp_path / "asked" / "checkpoints" / "last.ckpt")
    process.send_signal(signal.SIGTERM)
    said = ended(process, code=75, within_s=60.0)
    assert said.count("Go on with resume=asked") == 1
