"""A search that trains for real: the command line, the report of the best, and that the same words go on."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("optuna")

ROOT = Path(__file__).resolve().parents[2]
TINY = (
    *("model=mlp", "data=ring", "data.samples=2000", "kimg=0.4", "batch_size=20", "trainer=cpu"),
    *("trainer.threads=1", "model.generator.hidden=[8,8]", "model.discriminator.hidden=[8,8]"),
    *("loss=js,hinge", "search.startup=1"),
)


def typed(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "search.py"), *TINY, *more],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_search_trains_and_goes_on(tmp_path: Path) -> None:
    first = typed(tmp_path, "search.trials=1")
    assert first.returncode == 0, first.stdout + first.stderr
    second = typed(tmp_path, "search.trials=2")
    assert second.returncode == 0, second.stdout + second.stderr
    (search,) = (tmp_path / "outputs" / "searches").iterdir()
    trials = sorted(path for path in (search / "trials").iterdir() if path.is_dir())
    assert [path.name for path in trials] == ["0000", "0001"]
    summaries = [json.loads((path / "summary.json").read_text()) for path in trials]
    assert all(summary["state"] == "finished" for summary in summaries)
    assert "[2/2] trial 1 complete: collapse/energy_distance" in second.stdout
    assert "trial 0" not in second.stdout.partition("trial  ")[0]
    commands = [line.strip() for line in second.stdout.splitlines() if line.startswith("  python train.py")]
    words = shlex.split(commands[0])[2:]
    assert words[0] == "guard=stop"
    composed = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *words, "--cfg", "job"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert composed.returncode == 0, composed.stderr


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("search.trails=3", "Did you mean 'trials'?"),
        ("loss=js,hing", "Did you mean 'hinge'?"),
        ("--help", "usage"),
    ],
)
def test_mistakes_leave_nothing_and_need_no_torch(tmp_path: Path, word: str, message: str) -> None:
    heavy = ("torch", "pytorch_lightning", "wandb", "matplotlib")
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules.update(dict.fromkeys({heavy!r}))\n"
        f"from gan_zoo.cli import main; main(['search', {word!r}, *{list(TINY[:-2])!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == (0 if word == "--help" else 2)
    assert list(tmp_path.iterdir()) == []
