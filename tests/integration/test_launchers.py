"""Each launcher runs real jobs, of which one is refused; SLURM's commands are played by small programs."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gan_zoo.run_files import find_runs

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0
SMALL = (
    "model=mlp", "data=ring", "trainer=cpu", "batch_size=32", "kimg=0.2", "callbacks.vitals=null",
    "callbacks.alarm=null", "loss=js,hinge", "seed=0,x",
)  # fmt: skip
SBATCH = """#!{python}
import os, re, subprocess, sys
text = open(sys.argv[-1]).read()
(srun,) = [line for line in text.splitlines() if line.startswith("srun")]
log = dict(stdout=open("slurm.log", "ab"), stderr=subprocess.STDOUT)
for task in range(int(re.search("--array=0-([0-9]+)", text)[1]) + 1):
    place = dict(SLURM_JOB_ID=str(70 + task), SLURM_ARRAY_JOB_ID="7", SLURM_ARRAY_TASK_ID=str(task))
    place |= dict(SLURM_NTASKS="1", SLURM_PROCID="0", SLURM_LOCALID="0", SLURM_NODEID="0")
    place |= dict(SLURM_JOB_NUM_NODES="1", SLURM_NTASKS_PER_NODE="1", SLURM_NNODES="1")
    place |= dict(SUBMITIT_EXECUTOR="slurm", SLURM_JOB_NAME="sweep", SLURM_JOB_NODELIST="localhost")
    command = srun.replace("%A_%a", "7_%d" % task)
    subprocess.Popen(["sh", "-c", command], env=dict(os.environ, **place), start_new_session=True, **log)
print("Submitted batch job 7")
"""
SRUN = """#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do if [ "$1" = --output ] || [ "$1" = --error ]; then shift; fi; shift; done
exec "$@"
"""
SACCT = "#!/bin/sh\necho 'JobID|State|NodeList'\n"

pytestmark = pytest.mark.slow


def needs(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(package) is None, reason=f"needs {package}")


def sweep(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    return subprocess.run(
        [sys.executable, str(ROOT / "train.py"), "-m", *SMALL, *words],
        cwd=folder, env=variables, text=True, capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip


def check(folder: Path, done: subprocess.CompletedProcess[str]) -> Path:
    """Two jobs have finished and two were refused, each in its own folder, and all is written down."""
    assert done.returncode == 2, done.stdout + done.stderr
    (path,) = (folder / "outputs" / "sweeps").iterdir()
    runs = find_runs(path)
    assert [run.path.relative_to(path).as_posix() for run in runs] == ["loss=hinge/seed=0", "loss=js/seed=0"]
    assert [run.state for run in runs] == ["finished"] * 2
    assert done.stderr.count("error: run ") == 2
    assert "seed='x' is not allowed" in done.stderr
    counts = json.loads((path / "sweep.json").read_text())["counts"]
    assert (counts["finished"], counts["refused"]) == (2, 2)
    return path


LAUNCHERS = [
    pytest.param(["joblib", "hydra.launcher.n_jobs=2"], marks=needs("joblib"), id="joblib"),
    pytest.param(["submitit_local"], marks=needs("submitit"), id="submitit_local"),
    pytest.param(["ray", "hydra.launcher.num_cpus=2"], marks=needs("ray"), id="ray"),
]


@pytest.mark.parametrize("words", LAUNCHERS)
def test_a_launcher_runs_a_sweep_and_the_same_again_skips_it(tmp_path: Path, words: list[str]) -> None:
    typed = [f"hydra/launcher={words[0]}", *words[1:]]
    path = check(tmp_path, sweep(tmp_path, *typed))
    before = {run.path: (run.path / "summary.json").stat().st_mtime_ns for run in find_runs(path)}
    again = sweep(tmp_path, "hydra/launcher=local")  # whatever the launcher
    check(tmp_path, again)
    assert "2 before" in again.stderr
    assert all((path / "summary.json").stat().st_mtime_ns == each for path, each in before.items())


@needs("submitit")
def test_slurm_gets_an_array_of_jobs_that_train(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("sbatch", SBATCH), ("srun", SRUN), ("sacct", SACCT)):
        (programs / name).write_text(text.format(python=sys.executable), encoding="utf-8")
        (programs / name).chmod(stat.S_IRWXU)
    settings = (
        "partition=gpu",
        "gpus_per_node=2",
        "mem_gb=8",
        "setup=['module load cuda']",
        "timeout_min=90",
    )
    typed = [f"hydra.launcher.{each}" for each in settings]
    search = f"{programs}{os.pathsep}{os.environ['PATH']}"
    path = check(tmp_path, sweep(tmp_path, "hydra/launcher=submitit_slurm", *typed, PATH=search))
    script, *_ = path.glob("submitit/**/*submission*.sh")  # one for each, all alike
    text = script.read_text(encoding="utf-8")
    for line in (
        "#SBATCH --array=0-1%2", "#SBATCH --partition=gpu", "#SBATCH --gpus-per-node=2", "#SBATCH --mem=8GB",
        "#SBATCH --time=90", "#SBATCH --signal=USR2@120", "#SBATCH --cpus-per-task=4", "module load cuda",
    ):  # fmt: skip
        assert line in text, text


@needs("submitit")
def test_without_slurm_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    done = sweep(tmp_path, "hydra/launcher=submitit_slurm", PATH=str(tmp_path))
    assert done.returncode == 2
    assert "error: hydra/launcher=submitit_slurm: Could not detect" in done.stderr
    assert not find_runs(tmp_path)
