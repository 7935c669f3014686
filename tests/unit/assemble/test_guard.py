"""What stop and rollback do, in runs whose alarm is made to ring."""

import csv
import itertools
import json

import pytest
import torch
import yaml
from helpers.runs import SMALL, configuration

from gan_zoo import checkpoint
from gan_zoo.assemble.guard import Guard
from gan_zoo.assemble.train import train
from gan_zoo.callbacks import Alarm, Vitals
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.diagnosis import Thresholds
from gan_zoo.errors import UserError
from gan_zoo.module import GANModule

CSV = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
CALLBACKS = yaml.safe_load((configuration_folder() / "callbacks" / "default.yaml").read_text())
CALLBACKS["vitals"] |= {"every_kimg": 0.016, "samples": 16}
CALLBACKS["sample_grids"] |= {"points": 20}
SHY = {"grace_share": 0.0, "grace_steps": 0, "window_share": 0.05, "window_looks": 3}  # judges early
EVERYTHING = Thresholds(**SHY, diversity=99.0, apart=-99.0, stalled=0.0)  # anything is a collapse
NOTHING = Thresholds(window_looks=10**6)  # nothing lasts so long


def run(folder, guard, *overrides, model="mlp", callbacks=CALLBACKS):
    config = configuration(f"model={model}", *SMALL[model], f"guard={guard}", *overrides, run_dir=folder)
    train(config, callbacks, CSV, "test")
    return json.loads((folder / "summary.json").read_text())


@pytest.fixture
def rings(monkeypatch):
    """Let the alarm ring at everything, or at what a test says."""

    def choose(limits):
        monkeypatch.setattr("gan_zoo.diagnosis.rules.Thresholds", lambda: limits)

    choose(EVERYTHING)
    return choose


def files(folder):
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


def test_stop_ends_the_run_cleanly(tmp_path, rings, capsys):
    summary = run(tmp_path, "stop", "kimg=0.4")
    assert (summary["state"], summary["error"]) == ("stopped", None)
    assert summary["kimg"] == 0.032  # the third look
    (action,) = summary["guard"]["actions"]
    assert (action["action"], action["because"], action["at_kimg"]) == ("stop", "collapse", 0.032)
    assert action["evidence"] == summary["findings"][0]["evidence"]
    assert checkpoint.load(tmp_path / "checkpoints" / "last.ckpt")["images"] == 32
    captured = capsys.readouterr()
    assert "Stopped: 0.0 kimg" in captured.out
    assert "guard=stop ends the run" in captured.err


@pytest.mark.parametrize("guard", ["off", "warn"])
def test_off_and_warn_let_the_run_go_on(tmp_path, rings, guard):
    summary = run(tmp_path, guard)
    assert (summary["state"], summary["kimg"], summary["guard"]["actions"]) == ("finished", 0.2, [])
    assert len(summary["findings"]) == (guard == "warn")


def test_rollback_returns_three_times_with_three_remedies_and_finishes(tmp_path, rings, capsys):
    summary = run(tmp_path, "rollback", "kimg=0.4", "loss=js")
    assert (summary["state"], summary["kimg"]) == ("finished", 0.4)
    actions = summary["guard"]["actions"]
    assert [action["action"] for action in actions] == ["rollback"] * 3
    assert len({action["remedy"] for action in actions}) == 3
    assert [action["to_kimg"] for action in actions] == [0.0] * 3  # it was never healthy
    assert json.loads((tmp_path / "findings.json").read_text())["actions"] == actions
    config = yaml.safe_load((tmp_path / "config.yaml").read_text())
    assert actions[0]["remedy"] == "regularizer=[r1] regularizer.r1.weight=1"
    assert config["regularizer"]["r1"] == {"name": "r1", "weight": 1}
    assert checkpoint.load(tmp_path / "checkpoints" / "last.ckpt")["config"] == config
    assert files(tmp_path) == ["000000.320kimg.ckpt", "000000.400kimg.ckpt", "last.ckpt"]
    assert capsys.readouterr().err.count("guard=rollback returns to 0.0 kimg and goes on with") == 3
    with (tmp_path / "metrics.csv").open() as file:
        kimg = [float(row["progress/kimg"]) for row in csv.DictReader(file)]
    assert sum(after < before for before, after in itertools.pairwise(kimg)) >= 3
    assert kimg[-1] == 0.4


def test_rollback_goes_back_to_the_newest_healthy_checkpoint_and_replays_from_there(
    tmp_path, rings, monkeypatch
):
    """It goes on from the state that a run which is never judged has at that image."""
    states = []
    load = GANModule.on_fit_start

    def spy(module):
        goes_back = module.saved is not None
        load(module)
        if goes_back:
            weights = module.game.networks["generator"].state_dict()
            states.append({key: value.clone() for key, value in weights.items()})

    monkeypatch.setattr(GANModule, "on_fit_start", spy)
    ill = range(14, 17)  # looks; they are counted on where the run goes back
    monkeypatch.setattr(Vitals, "_samples", lambda self, module: planted(self.looks in ill), raising=True)
    rings(Thresholds(**SHY))
    summary = run(tmp_path / "guarded", "rollback", "kimg=0.4", "loss=js")
    assert (summary["state"], summary["kimg"]) == ("finished", 0.4)
    (action,) = summary["guard"]["actions"]
    assert action["since_kimg"] == pytest.approx(0.224)
    assert action["to_kimg"] == pytest.approx(0.160)  # the healthy checkpoint of every fifth look
    plain = {**CALLBACKS, "checkpoints": {**CALLBACKS["checkpoints"], "every_kimg": 0.160, "keep_last": 9}}
    rings(NOTHING)
    run(tmp_path / "plain", "warn", "kimg=0.4", "loss=js", callbacks=plain)
    saved = checkpoint.load(tmp_path / "plain" / "checkpoints" / "000000.160kimg.ckpt")
    expected = saved["game"]["networks"]["generator"]
    assert all(torch.equal(states[0][key], value) for key, value in expected.items())


def planted(ill):
    """Return what is measured of samples: all healthy, or all collapsed."""
    values = {
        "collapse/diversity": 0.01 if ill else 1.0, "collapse/diversity_live": 1.0,
        "collapse/energy_distance": 0.8 if ill else 0.01, "collapse/energy_distance_live": 0.01,
        "vitals/logit_gap": 1.0, "vitals/separation": 0.9,
    }  # fmt: skip
    return {name: torch.tensor(value) for name, value in values.items()}


def test_without_a_fitting_remedy_the_run_goes_on(tmp_path, rings, monkeypatch, capsys):
    monkeypatch.setattr("gan_zoo.assemble.guard.first_that_fits", lambda *given: None)
    summary = run(tmp_path, "rollback")
    assert (summary["state"], summary["guard"]["actions"]) == ("finished", [])
    assert "knows no remedy" in capsys.readouterr().err


def test_a_healthy_run_under_rollback_ends_as_without_it(tmp_path, rings):
    rings(NOTHING)
    run(tmp_path / "guarded", "rollback", model="dcgan")
    run(tmp_path / "plain", "warn", model="dcgan")
    guarded, plain = (
        checkpoint.load(tmp_path / name / "checkpoints" / "last.ckpt")["game"]
        for name in ("guarded", "plain")
    )
    for player in ("generator", "discriminator"):
        pairs = zip(guarded["networks"][player].values(), plain["networks"][player].values(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
    assert not list((tmp_path / "guarded" / "checkpoints").glob("healthy*"))


@pytest.mark.parametrize("mode", ["stop", "rollback"])
@pytest.mark.parametrize("observers", [[], [Alarm()], [Vitals()]], ids=["none", "alarm", "vitals"])
def test_acting_needs_somebody_who_looks(mode, observers):
    with pytest.raises(UserError, match=f"guard={mode} acts on what .* callbacks=default"):
        Guard(mode, observers)
    Guard("warn", observers)
    Guard("off", observers)


def test_it_is_refused_before_anything_is_written(tmp_path):
    config = configuration("model=mlp", *SMALL["mlp"], "guard=stop", run_dir=tmp_path / "run")
    with pytest.raises(UserError, match="guard=stop"):
        train(config, {}, {}, "test")
    assert not (tmp_path / "run").exists()
