"""Whole runs: what they leave behind, what they never disturb, and what they refuse."""

import csv
import json
from pathlib import Path

import pytest
import torch
import yaml
from helpers.runs import SMALL, configuration, play, prepared, weights
from PIL import Image
from torch.utils._python_dispatch import TorchDispatchMode

import gan_zoo
from gan_zoo.assemble import train as train_module
from gan_zoo.assemble.train import prepare, train
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.errors import UserError

CSV = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
CALLBACKS = yaml.safe_load(
    (configuration_folder() / "callbacks" / "default.yaml").read_text(encoding="utf-8")
)

SUMMARY_KEYS = {
    "images_seen", "kimg", "seconds", "images_per_second", "parameters", "losses", "device", "precision",
    "seed", "versions", "data", "git_commit", "command",
}  # fmt: skip


def run(folder: Path, model: str, *overrides: str, observers: bool = True) -> Path:
    """Train a small model in `folder`; return its run directory."""
    config = configuration(f"model={model}", *SMALL[model], *overrides, run_dir=folder / "run")
    train(config, CALLBACKS if observers else {}, CSV if observers else {}, "python train.py test")
    return folder / "run"


@pytest.mark.parametrize("model", SMALL)
def test_a_run_leaves_samples_metrics_a_summary_and_a_checkpoint(tmp_path, model):
    folder = run(tmp_path, model)
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary) >= SUMMARY_KEYS
    assert summary["images_seen"] >= 200
    assert summary["kimg"] == pytest.approx(summary["images_seen"] / 1000)
    assert set(summary["parameters"]) == {"generator", "discriminator"}
    assert {"generator/adversarial", "discriminator/adversarial"} <= set(summary["losses"])
    assert set(summary["data"]) >= {"name", "images", "shape", "classes", "fingerprint"}
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert "progress/kimg" in rows[0]
    with Image.open(folder / "samples" / "latest.png") as picture:
        assert picture.width >= 128
    assert yaml.safe_load((folder / "config.yaml").read_text())["model"]["name"] == model
    generator = gan_zoo.load(folder)
    assert not generator.training
    assert torch.equal(generator.sample(4, seed=1), generator.sample(4, seed=1))


def test_observers_leave_weights_bit_identical(tmp_path, monkeypatch):
    """A run with all callbacks ends where a run without any ends."""
    results, kept = [], []
    monkeypatch.setattr(train_module, "prepare", lambda *a: (kept.append(prepare(*a)), kept[-1])[1])
    for name, observers in (("with", True), ("without", False)):
        config = configuration(
            "model=acgan", *SMALL["acgan"], "stabilizer=[diff_augment]", run_dir=tmp_path / name
        )
        train(config, CALLBACKS if observers else {}, CSV if observers else {}, "test")
        results.append(weights(kept[-1][0]))
    assert all(torch.equal(results[0][key], results[1][key]) for key in results[0])


class Transfers(TorchDispatchMode):
    """Counts reads of a number from the device, which is what `.item()`, `float()` and `if tensor:` do."""

    found = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.found += "_local_scalar_dense" in str(function)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "composition",
    [
        ["dcgan", "loss=js"],
        ["acgan", "loss=hinge", "stabilizer=[spectral_norm,diff_augment,instance_noise]"],
        ["cgan", "loss=relativistic", "regularizer=[mode_seeking]"],
        ["pggan", "loss=wgangp", "regularizer=[drift]", "kimg=0.5"],
        ["mlp", "loss=unrolled", "loss.steps=2", "optimizer.clip_norm=1.0"],
    ],
    ids=lambda composition: "-".join(composition[:2]),
)
def test_no_device_to_host_transfer_in_fifty_steps(composition):
    module, loader, _ = prepared(*composition, "kimg=1")
    batches = iter(loader)
    module.game.play(next(batches))
    with Transfers() as transfers:
        for _ in range(50):
            module.game.play(next(batches))
        assert transfers.found == 0
        torch.ones(()).item()
        assert transfers.found == 1


def test_growing_run_passes_through_its_levels_and_forgets_moments():
    module, loader, _ = prepared("pggan", "loss=wgangp")
    game, seen, steps = module.game, [], []
    for batch in loader:
        game.play(batch)
        seen.append((game.stage.level, game.phase))
        optimizer = game.players["generator"].optimizer
        steps.append(int(max(state["step"] for state in optimizer.state.values())))
    assert {level for level, _ in seen} == {0, 1, 2, 3}
    changes = [i for i in range(1, len(seen)) if seen[i][1] != seen[i - 1][1]]
    assert len(changes) == 6  # the start and the end of three fades
    assert all(steps[i] == 1 for i in changes)


def test_init_from_continues_from_other_weights(tmp_path):
    folder = run(tmp_path, "dcgan")
    module, _, _ = prepared("dcgan", f"init_from='{folder}'", "seed=9")
    saved = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["game"]["networks"]
    for name, network in module.game.networks.items():
        for key, value in network.state_dict().items():
            torch.testing.assert_close(value, saved[name][key], rtol=0, atol=0)


def test_init_from_another_model_is_refused(tmp_path):
    folder = run(tmp_path, "dcgan")
    with pytest.raises(UserError, match="does not fit this run"):
        prepared("acgan", f"init_from='{folder}'")
    with pytest.raises(UserError, match="no run or checkpoint"):
        prepared("dcgan", "init_from=nowhere")


def test_training_from_another_runs_weights_differs_from_scratch(tmp_path):
    folder = run(tmp_path, "mlp")
    warm, loader, _ = prepared("mlp", f"init_from='{folder}'")
    cold, other, _ = prepared("mlp")
    play(warm, loader, 1)
    play(cold, other, 1)
    assert not all(
        torch.equal(a, b) for a, b in zip(weights(warm).values(), weights(cold).values(), strict=True)
    )
