"""A sweep as a person meets it: six jobs of which one fails, killed half-way and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from gan_zoo.run_files import KIMG, RunFiles, find_runs

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0
HALF_WAY_KIMG = 10.0
LOSSES = ("js", "hinge", "lsgan", "broken", "wgangp", "relativistic")
GOOD = tuple(name for name in LOSSES if name != "broken")
SMALL = (
    "model=mlp", "data=ring", "trainer=cpu", "batch_size=32", "kimg=20", "plugins=[my_losses]",
    "callbacks.checkpoints.every_kimg=0.5", "callbacks.vitals=null", "callbacks.alarm=null",
)  # fmt: skip
BROKEN = '''"""A loss with a bug that shows after some steps."""

from gan_zoo.losses.base import LOSSES
from gan_zoo.losses.hinge import Hinge


@LOSSES.register("broken")
class Broken(Hinge):
    """It breaks."""

    steps = 0

    def generator(self, fake, real):
        self.steps += 1
        if self.steps > 3:
            raise RuntimeError("a bug in the loss")
        return super().generator(fake, real)
'''

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_losses.py").write_text(BROKEN, encoding="utf-8")
    return tmp_path


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(folder)}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), "-m", *SMALL, *words],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, said


def wait_half_way(folder: Path) -> str:
    """Return the name of a job that has saved something and is far from its end, when another has finished.

    A job that has trained all of it and writes its report would end although its launcher is gone.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        runs = find_runs(folder / "outputs")
        if any(run.state == "finished" for run in runs):
            for run in runs:
                saved = run.summary is None and (run.path / "checkpoints/last.ckpt").exists()
                if saved and max(run.series(KIMG)[1], default=0.0) <= HALF_WAY_KIMG:
                    return f"{run.path.parent.name}/{run.path.name}"
        time.sleep(0.05)
    raise TimeoutError


def read(folder: Path) -> dict:
    (path,) = folder.glob("outputs/sweeps/*/sweep.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "words", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")], ids=["local", "joblib"]
)
def test_six_jobs_of_which_one_fails_killed_half_way_and_started_again(folder: Path, words) -> None:
    typed = (f"loss={','.join(LOSSES)}", "seed=0", *words)
    process = start(folder, *typed)
    interrupted = wait_half_way(folder)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    ended = {run.path: (run.path / "summary.json").stat().st_mtime_ns for run in finished(folder)}
    assert 0 < len(ended) < len(GOOD)

    code, said = finish(start(folder, *typed))  # the same command again
    assert code == 1, said
    (sweep,) = (folder / "outputs" / "sweeps").iterdir()  # in the same folder
    assert {run.path.parent.name for run in finished(folder)} == {f"loss={name}" for name in GOOD}
    assert all((path / "summary.json").stat().st_mtime_ns == before for path, before in ended.items())
    logs = "".join(path.read_text() for path in sweep.glob("logs/*.txt"))
    assert re.search(rf"Resuming from \S*{interrupted}/", said + logs)  # where it had saved
    assert f"{len(ended)} before" in said
    complaints = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(complaints) == 1
    assert "loss=broken" in complaints[0]
    assert complaints[0].endswith("RuntimeError: a bug in the loss")
    found = read(folder)
    assert found["counts"]["finished"] == 5
    assert found["counts"]["failed"] == 1
    assert [each["method"] for each in found["methods"]] == [f"loss={name}" for name in LOSSES]
    for job in found["jobs"]:
        run = RunFiles(sweep / job["folder"])
        assert run.kimg == pytest.approx(job["kimg"]) or job["state"] == "failed"
        steps = [row["step"] for row in run.rows()]
        assert steps == sorted(set(steps))  # no row twice, though it was killed
    page = (sweep / "sweep.md").read_text(encoding="utf-8")
    assert "| loss=broken/seed=0 | failed | RuntimeError: a bug in the loss |" in page

    code, said = finish(start(folder, *typed))  # only what failed is tried again
    assert code == 1
    assert "5 before" in said
    assert all((path / "summary.json").stat().st_mtime_ns == before for path, before in ended.items())


def finished(folder: Path) -> list[RunFiles]:
    return [run for run in find_runs(folder / "outputs") if run.state == "finished"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)], ids=["Ctrl-C", "SIGTERM"]
)
@pytest.mark.parametrize(
    "words", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")], ids=["local", "joblib"]
)
def test_a_signal_saves_what_runs_and_ends_the_sweep(folder: Path, words, number: int, code: int) -> None:
    process = start(folder, "loss=js,hinge,lsgan", "kimg=1000", *words)
    end = time.monotonic() + PATIENCE_S
    while not list(folder.glob("outputs/sweeps/*/*/checkpoints/last.ckpt")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(number)
    answered, said = finish(process)
    assert answered == code, said
    begun = [run for run in find_runs(folder / "outputs") if run.summary is not None]
    assert begun
    assert {run.state for run in begun} == {"preempted"}
    assert "the same command goes on with it" in said
    counts = read(folder)["counts"]
    assert counts["preempted"] >= len(begun)  # one may have been about to begin
    assert counts["waiting"] >= 1
    assert counts["waiting"] + counts["preempted"] == 3


def test_seeds_are_grouped_and_their_spread_is_written(folder: Path) -> None:
    code, said = finish(start(folder, "loss=js,hinge", "seed=0,1,2", "kimg=0.1"))
    assert code == 0, said
    (sweep,) = (folder / "outputs" / "sweeps").iterdir()
    names = {run.path.relative_to(sweep).as_posix() for run in find_runs(sweep)}
    assert names == {f"loss={loss}/seed={seed}" for loss in ("js", "hinge") for seed in range(3)}
    for method in read(folder)["methods"]:
        assert method["seeds"] == [0, 1, 2]
        assert method["metrics"]["generator/adversarial"]["count"] == 3
        assert method["metrics"]["generator/adversarial"]["spread"] > 0.0


def test_an_ended_job_with_other_settings_is_not_taken_for_the_same(folder: Path) -> None:
    mine = folder / "conf" / "experiment"
    mine.mkdir(parents=True)
    text = "# @package _global_\noptimizer:\n  lr: {rate}\n"
    (mine / "mine.yaml").write_text(text.format(rate=0.001), encoding="utf-8")
    typed = ("experiment=mine", "seed=0,1", "kimg=0.1", "--config-dir", "conf")
    assert finish(start(folder, *typed))[0] == 0
    (mine / "mine.yaml").write_text(text.format(rate=0.002), encoding="utf-8")
    code, said = finish(start(folder, *typed))
    assert code == 2
    assert said.count("optimizer.lr: 0.001 -> 0.002") == 2
    (run, _) = find_runs(folder / "outputs")
    assert yaml.safe_load((run.path / "config.yaml").read_text())["optimizer"]["lr"] == 0.001


def test_jobs_that_are_refused_at_their_start_say_so_and_are_tried_again(folder: Path) -> None:
    pytest.importorskip("wandb")
    for _ in range(2):  # the second time in the folders that the first one left
        code, said = finish(start(folder, "logger=wandb", "logger.wandb.mode=nope,odd"))
        assert code == 2, said
        assert said.count("error: run ") == 2
        assert "(logger.wandb.mode=nope)" in said  # without what both have
        runs = find_runs(folder / "outputs")
        assert [(run.state, run.kimg, run.kimg_total) for run in runs] == [("failed", 0.0, 20.0)] * 2
        assert all("Known: auto" in (run.summary or {})["error"] for run in runs)
        assert all((run.path / "report.html").exists() for run in runs)
        (sweep,) = (folder / "outputs" / "sweeps").iterdir()
        assert not (sweep / "logs").exists()
