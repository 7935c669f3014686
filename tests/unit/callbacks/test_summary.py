import json
import re
import subprocess

import pytest
import yaml

from gan_zoo.callbacks import Checkpoints, Metrics, SampleGrids, Summary
from gan_zoo.callbacks import source as source_module
from gan_zoo.callbacks.source import git_commit

KEYS = [
    "state", "error", "images_seen", "kimg", "seconds", "images_per_second", "steps", "parameters", "losses",
    "findings", "guard", "device", "precision", "seed", "versions", "data", "git_commit", "command", "files",
]  # fmt: skip


def read(module):
    return json.loads((module.run_dir / "summary.json").read_text())


def test_the_keys_are_a_stable_interface(module, trainer, run):
    run(trainer, module, Metrics(), SampleGrids(rows=1, columns=1), Checkpoints(), Summary())
    summary = read(module)
    assert list(summary) == KEYS
    assert (summary["state"], summary["images_seen"], summary["kimg"]) == ("finished", 1000, 1.0)
    assert summary["parameters"] == {"generator": 4 * 64 + 64 + 8, "discriminator": 3}
    assert set(summary["losses"]) == {"generator/js", "discriminator/js"}
    assert set(summary["versions"]) == {
        "python",
        "torch",
        "torchvision",
        "pytorch_lightning",
        "hydra",
        "gan_zoo",
    }
    assert summary["data"] == {
        "name": "tiny", "images": 40, "shape": [1, 8, 8], "classes": 0, "fingerprint": "f" * 64, "skipped": 1
    }  # fmt: skip
    assert summary["files"] == {
        "config": "config.yaml", "samples": "samples/latest.png", "checkpoint": "checkpoints/last.ckpt"
    }  # fmt: skip
    assert (summary["seed"], summary["command"]) == (7, "python train.py model=tiny")


def test_the_configuration_is_there_from_the_start(module, trainer, run):
    run(trainer, module, Summary(), batches=0, finish=False)
    assert yaml.safe_load((module.run_dir / "config.yaml").read_text()) == module.config


def test_closing_lines_say_where_things_are(module, trainer, run, capsys, monkeypatch):
    monkeypatch.chdir(module.run_dir.parent)
    run(trainer, module, Metrics(), SampleGrids(rows=1, columns=1), Checkpoints(), Summary())
    out, name = capsys.readouterr().out, module.run_dir.name
    assert re.match(r"Finished: 1\.0 kimg in \d+:\d\d \(", out)
    assert f"Samples: {name}/samples/latest.png\n" in out
    assert f"Summary: {name}/summary.json\n" in out
    assert f"sample.py run={name} n=64\n" in out
    assert str(module.run_dir.parent) not in out


@pytest.mark.parametrize(
    ("error", "state"), [(KeyboardInterrupt(), "interrupted"), (ValueError("no"), "failed")]
)
def test_a_run_that_ends_badly_says_so(module, trainer, run, error, state):
    summary = Summary()
    run(trainer, module, summary, batches=3, finish=False)
    summary.on_exception(trainer, module, error)
    assert (read(module)["state"], read(module)["images_seen"]) == (state, 150)
    assert read(module)["error"] == ("KeyboardInterrupt" if state == "interrupted" else "ValueError: no")


def test_a_run_that_stops_early_is_not_called_finished(module, trainer, run):
    run(trainer, module, Summary(), batches=3)
    assert read(module)["state"] == "stopped"


def test_losses_that_are_not_finite_are_valid_json(module, trainer, run):
    metrics = Metrics()
    run(trainer, module, metrics, batches=1)
    metrics.latest["generator/js"] = float("nan")
    summary = Summary()
    trainer.callbacks = [metrics, summary]
    summary.on_train_start(trainer, module)
    summary.on_train_end(trainer, module)
    assert read(module)["losses"]["generator/js"] is None


def git(folder, *arguments):
    identity = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=",
    ]
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_commit_of_the_code(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "source_root", lambda: tmp_path.resolve())
    assert git_commit() is None  # no repository
    git(tmp_path, "init")
    assert git_commit() is None  # no commit
    (tmp_path / "file").write_text("a")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-m", "a")
    assert len(git_commit()) == 40
    (tmp_path / "file").write_text("b")
    assert git_commit().endswith("-dirty")
    inside = tmp_path / "site-packages"
    inside.mkdir()
    monkeypatch.setattr(source_module, "source_root", lambda: inside.resolve())
    assert git_commit() is None  # somebody else's repository


def test_a_run_that_goes_on_with_other_code_names_both_commits(module, trainer, run, monkeypatch):
    code = iter(["abc", "abc", "def"])
    monkeypatch.setattr("gan_zoo.callbacks.summary.git_commit", lambda: next(code))
    state, found = None, []
    for _ in range(3):
        summary = Summary()
        if state is not None:
            summary.load_state_dict(state)
        run(trainer, module, summary, batches=0, finish=False)
        state = summary.state_dict()
        found.append(state["commit"])
    assert found == ["abc", "abc", "abc, then def"]


def test_no_git_at_all(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert git_commit() is None
