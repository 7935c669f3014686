"""The benchmark from the command line to its table, with budgets of a few steps."""

import csv
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from gan_zoo.benchmark.suites import TUNING_SEEDS
from gan_zoo.config.started import read_started

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ("suite=ring", "seeds=[0]", "budget=0.005", "jobs=1", "out=out")


@dataclass
class Answer:
    code: int
    out: str
    err: str


def typed(folder: Path, *arguments: str) -> Answer:
    """Run `python scripts/collapse_benchmark.py ...` in a folder."""
    command = [sys.executable, str(ROOT / "scripts" / "collapse_benchmark.py"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


def scores(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.rglob("benchmark.json"))]


def written(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("benchmark.json")}


@pytest.mark.slow
def test_methods_are_tuned_trained_scored_and_kept(tmp_path: Path) -> None:
    answer = typed(tmp_path, *OPTIONS, "methods=[js,wgangp]")
    assert answer.code == 0, answer.err
    found = [score for score in scores(tmp_path) if score["method"] != "real data"]
    assert len(found) == 2 * (3 + 1)
    steps = [(score["seed"] in TUNING_SEEDS, score["generator_steps"]) for score in found]
    (halved,), (whole,) = ({count for tuning, count in steps if tuning is which} for which in (True, False))
    assert halved == whole // 2
    reported = [score for score in found if score["seed"] not in TUNING_SEEDS]
    assert len({score["kimg"] for score in reported}) == 2  # five critic steps cost five times the reals
    table = (tmp_path / "out" / "ring.md").read_text(encoding="utf-8")
    assert "| `js` |" in table
    assert "| `wgangp` |" in table
    assert (tmp_path / "out" / "ring.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "out" / "ring.csv").open(encoding="utf-8") as file:
        assert sum(row["purpose"] == "report" for row in csv.DictReader(file)) == 2

    before = written(tmp_path)
    reported = next(path for path in before if "seed0" in str(path) and "js" in str(path))
    reported.unlink()  # as if it had been stopped there
    (reported.parent / "summary.json").unlink()
    assert typed(tmp_path, *OPTIONS, "methods=[js,wgangp]").code == 0
    after = written(tmp_path)
    assert {path for path in after if after[path] != before[path]} == {reported}


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_checkpoint_to_the_same_figures(tmp_path: Path) -> None:
    """As if a quarter of an hour had passed: an earlier checkpoint than the usual first one."""
    scored = OmegaConf.load(ROOT / "conf" / "callbacks" / "scored.yaml")
    assert scored.checkpoints.every_minutes == 15
    options = (*OPTIONS[:2], "budget=0.2", "jobs=1", "methods=[js]")
    assert typed(tmp_path, *options, "out=whole").code == 0
    (folder,) = tmp_path.glob("whole/ring/js/lr*_seed0_*[!s]")
    words = read_started(folder).overrides
    away = tmp_path / "out" / folder.relative_to(tmp_path / "whole")
    command = [sys.executable, str(ROOT / "train.py"), "-m", *words, "callbacks.checkpoints.every_kimg=4"]
    place = [f"hydra.sweep.dir={away.parent}", f"hydra.sweep.subdir={away.name}"]
    process = subprocess.Popen([*command, *place], cwd=tmp_path, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (away / "checkpoints" / "last.ckpt").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert not (away / "summary.json").exists(), "it had finished before it was killed"
    (away / "of_the_first_try").touch()

    assert typed(tmp_path, *options, "out=out").code == 0
    assert (away / "of_the_first_try").exists()
    first, second = (json.loads((path / "benchmark.json").read_text()) for path in (folder, away))
    assert second["figures"] == first["figures"]
    assert second["generator_steps"] == first["generator_steps"]


@pytest.mark.slow
def test_a_failed_run_is_listed_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "out" / "ring").mkdir(parents=True)
    (tmp_path / "out" / "ring" / "lsgan").write_text("in the way")
    answer = typed(tmp_path, *OPTIONS, "methods=[lsgan,js]")
    assert answer.code == 1
    assert "failed: ring, lsgan, rate 0.0003, seed 100" in answer.out + answer.err
    table = (tmp_path / "out" / "ring.md").read_text(encoding="utf-8")
    assert "- ring, lsgan, rate 0.0003, seed 100: FileExistsError" in table
    assert "| `js` |" in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["suite=rign"], "Did you mean 'ring'"),
        (["suite=ring", "methods=[wgangpp]"], "Did you mean 'wgangp'"),
        (["suite=ring", "seeds=[100]"], "cannot be reported"),
    ],
)
def test_bad_input_is_refused(tmp_path: Path, arguments: list[str], words: str) -> None:
    answer = typed(tmp_path, *arguments)
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert words in answer.err
    assert list(tmp_path.iterdir()) == []


def test_help_answers_without_torch(tmp_path: Path) -> None:
    answer = typed(tmp_path, "--help")
    assert answer.code == 0
    assert "suite=toy" in answer.out
