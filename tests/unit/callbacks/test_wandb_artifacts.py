import json
from pathlib import Path

import pytest
from helpers.wandb_stand_in import Run, alone

from gan_zoo.callbacks.wandb_artifacts import dataset_note, log_checkpoints, use_inputs
from gan_zoo.callbacks.wandb_identity import Identity, write_identity


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    pytest.importorskip("wandb")
    alone(monkeypatch, tmp_path)


def test_the_last_and_the_best_checkpoints_are_sent(module, tmp_path):
    run = Run()
    log_checkpoints(run, tmp_path, module, 1500)
    assert run.logged == []
    (tmp_path / "checkpoints").mkdir()
    for name in ("last.ckpt", "best-000001.000.ckpt", "000001.500kimg.ckpt"):
        (tmp_path / "checkpoints" / name).write_bytes(name.encode())
    log_checkpoints(run, tmp_path, module, 1500)
    ((artifact, aliases),) = run.logged
    assert set(artifact.manifest.entries) == {"last.ckpt", "best-000001.000.ckpt"}
    assert (artifact.type, artifact.name, aliases) == ("model", "checkpoint-abcd", ["latest", "1.500kimg"])
    assert artifact.metadata["fingerprint"] == module.dataset.fingerprint
    assert artifact.metadata["kimg"] == 1.5


def test_the_data_set_is_an_input_by_its_fingerprint(module):
    run = Run()
    use_inputs(run, module)
    (artifact,) = run.used
    assert artifact.type == "dataset"
    (entry,) = artifact.manifest.entries.values()
    note = json.loads(Path(entry.local_path).read_text())
    assert note["fingerprint"] == module.dataset.fingerprint
    assert dataset_note(module).digest == artifact.digest


@pytest.mark.parametrize("place", ["", "checkpoints/last.ckpt"])
def test_the_run_that_weights_are_of_is_an_input(module, tmp_path, place):
    write_identity(
        tmp_path / "other", Identity("wxyz", "zoo", "me", mode="online", url="https://example.org")
    )
    module.config["init_from"] = str(tmp_path / "other" / place)
    run = Run()
    use_inputs(run, module)
    assert run.used[1] == "me/zoo/checkpoint-wxyz:latest"


def test_a_run_whose_weights_wandb_does_not_have_is_none(module, tmp_path):
    write_identity(tmp_path / "other", Identity("wxyz", "zoo", "me", mode="offline"))
    module.config["init_from"] = str(tmp_path / "other")
    run = Run()
    use_inputs(run, module)
    assert len(run.used) == 1
