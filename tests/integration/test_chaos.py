"""A few faults of each kind of `scripts/chaos.py`: whatever happens to a run, it ends as if nothing had."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from chaos_faults.comparing import not_finite, unequal
from gan_zoo import checkpoint

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 900.0
KINDS = [
    "SIGKILL inside a step",
    "SIGKILL inside a checkpoint's write",
    "SIGKILL at any time",
    "SIGKILL inside a row, picture or summary",
    "SIGKILL, and again when it goes on",
    "SIGKILL behind the last checkpoint",
    "checkpoint truncated",
    "bit of a checkpoint flipped",
    "all checkpoints damaged, refused",
    "row of metrics.csv torn",
    "disk full",
    "write permission removed",
    "images unreadable in mid-run",
    "images unreadable in mid-run, then SIGKILL",
    "image cache truncated in mid-run",
    "NaN in a batch",
    "Inf in a loss",
    "Inf in a gradient",
    "NaN in every loss from a step on",
]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder that `--quick` leaves; one process, so that nothing here is forked."""
    folder = tmp_path_factory.mktemp("chaos")
    command = [sys.executable, str(ROOT / "scripts" / "chaos.py"), "--quick", "--seed=1", f"--out={folder}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (folder / "report.json").exists(), done.stderr
    assert done.stdout == (folder / "report.md").read_text()
    faults = json.loads((folder / "report.json").read_text())["faults"]
    assert done.returncode == (0 if all(fault["survived"] for fault in faults) else 1)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_survives(out, kind):
    found = [each for each in json.loads((out / "report.json").read_text())["faults"] if each["kind"] == kind]
    assert found
    for fault in found:
        assert fault["survived"], fault


def test_every_kind_is_named_here(out):
    faults = json.loads((out / "report.json").read_text())["faults"]
    assert {fault["kind"] for fault in faults} == set(KINDS)
    rows = re.findall(r"^\| (.+?) \| (\d+) \|", (out / "report.md").read_text(), re.MULTILINE)
    assert {kind for kind, _ in rows} == {*KINDS, "all"}
    assert dict(rows)["all"] == str(len(faults))


# What is compared -------------------------------------------------------------------------------------------


@pytest.fixture
def twins(out, tmp_path):
    """Two copies of the uninterrupted run."""
    return [Path(shutil.copytree(out / "runs" / "mlp", tmp_path / name)) for name in ("one", "two")]


def changed_weight(run, change):
    path = run / "checkpoints" / "last.ckpt"
    saved = checkpoint.load(path)
    weight = next(iter(saved["game"]["networks"]["generator"].values()))
    change(weight.view(-1))
    checkpoint.save(path, saved)


def test_twins_are_equal(twins):
    assert unequal(*twins) == []
    assert not_finite(twins[0]) == []


def test_one_bit_of_one_weight_is_a_difference(twins):
    changed_weight(twins[1], lambda weight: weight[:1].view(torch.int32).bitwise_xor_(1))
    assert [where.rpartition(".")[0][:23] for where, *_ in unequal(*twins)] == ["game.networks.generator"]


def test_a_weight_that_is_not_finite_is_found(twins):
    changed_weight(twins[1], lambda weight: weight[:1].fill_(torch.inf))
    assert len(not_finite(twins[1])) == 1


@pytest.mark.parametrize("file", ["metrics.csv", "findings.json", "samples/latest.png"])
def test_other_files_are_compared(twins, file):
    path = twins[1] / file
    content = path.read_bytes()
    other = b'{"findings": [1]}' if file.endswith("json") else content[: content[:-1].rfind(b"\n") + 1]
    path.write_bytes(other)
    assert unequal(*twins)
