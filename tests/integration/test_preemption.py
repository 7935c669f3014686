"""A real process that is asked to end: it saves, says so with its exit code, and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_zoo import checkpoint

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["model=mlp", "trainer=cpu", "batch_size=32", "kimg=1000", "callbacks.checkpoints.every_kimg=0.5"]
PATIENCE_S = 120.0

pytestmark = pytest.mark.slow


def train(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a run that would take minutes."""
    command = [sys.executable, str(ROOT / "train.py"), *SMALL, *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def wait_for(folder: Path, pattern: str) -> Path:
    """Return the first file that appears."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = list(folder.glob(pattern))
        if found:
            return found[0]
        time.sleep(0.02)
    raise TimeoutError(pattern)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGINT, 130)]
)
def test_it_saves_and_says_that_it_can_go_on(tmp_path, number, code):
    process = train(tmp_path, "run_dir=run")
    wait_for(tmp_path, "run/checkpoints/last.ckpt")
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, said
    assert f"{number.name}: the run is saved after this step" in said
    assert "Go on with resume=run" in said
    assert "Traceback" not in said
    newest = max((tmp_path / "run" / "checkpoints").glob("*kimg.ckpt"))
    saved = checkpoint.load(tmp_path / "run" / "checkpoints" / "last.ckpt")
    assert saved["images"] == checkpoint.images_in_name(newest) < 1_000_000
    assert {"metrics", "checkpoints", "guard"} <= set(saved["observers"])


def test_a_sweep_ends_with_the_run_that_is_asked(tmp_path):
    process = train(tmp_path, "-m", "seed=1,2", "hydra.sweep.dir=sweep")
    wait_for(tmp_path, "sweep/*/*/checkpoints/last.ckpt")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 75, said
    assert len(list(tmp_path.glob("sweep/*/*/checkpoints"))) == 1


def test_with_nobody_to_save_the_exit_code_is_that_of_the_signal(tmp_path):
    small = [each for each in SMALL if not each.startswith("callbacks.")]
    command = [sys.executable, str(ROOT / "train.py"), *small, "callbacks=none", "logger=csv", "run_dir=run"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert "mlp on ring" in process.stdout.readline()  # what is said before the first step
    time.sleep(2.0)
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (143, -signal.SIGTERM)  # the second if it had not begun yet
