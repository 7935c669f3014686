"""What stop and rollback do, in runs whose alarm is made to ring."""

import csv
import itertools
import json
import shutil
import signal
import types

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
    *actions, last = summary["guard"]["actions"]
    assert [action["action"] for action in actions] == ["rollback"] * 3
    assert (last["action"], last["why"]) == ("none", "it has gone back 3 times")
    assert len({action["remedy"] for action in actions}) == 3
    assert [action["to_kimg"] for action in actions] == [0.0] * 3  # it was never healthy
    assert json.loads((tmp_path / "findings.json").read_text())["actions"] == [*actions, last]
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
    (action,) = summary["guard"]["actions"]
    assert (summary["state"], action["action"], action["because"]) == ("finished", "none", "collapse")
    assert "knows no remedy" in action["why"]
    assert "it knows no remedy that this run could go on with" in capsys.readouterr().err


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


# Killed, asked to end, on a full disk: the run is never lost ------------------------------------------------


def go_on(folder, *overrides, model="mlp", callbacks=CALLBACKS):
    config = configuration(f"model={model}", *SMALL[model], *overrides, run_dir=folder)
    train(config, callbacks, CSV, "test", resumes=True)
    return json.loads((folder / "summary.json").read_text())


def generator(folder):
    return checkpoint.load(folder / "checkpoints" / "last.ckpt")["game"]["networks"]["generator"]


LATE = {**CALLBACKS, "checkpoints": {**CALLBACKS["checkpoints"], "every_kimg": 99.0}}  # none before the end


def test_a_run_killed_before_its_first_regular_save_goes_on_from_what_the_guard_keeps(
    tmp_path, rings, monkeypatch
):
    rings(NOTHING)
    keep = Guard._keep

    def snapshot(guard, module):
        keep(guard, module)
        if module.game.images == 176:
            shutil.copytree(tmp_path / "whole", tmp_path / "killed")

    monkeypatch.setattr(Guard, "_keep", snapshot)
    run(tmp_path / "whole", "rollback", callbacks=LATE)
    monkeypatch.setattr(Guard, "_keep", keep)
    assert files(tmp_path / "killed") == [
        "healthy-000000.000.ckpt",
        "healthy-000000.080.ckpt",
        "healthy-000000.160.ckpt",
    ]
    summary = go_on(tmp_path / "killed", "guard=rollback", callbacks=LATE)
    assert (summary["state"], summary["kimg"]) == ("finished", 0.2)
    expected = generator(tmp_path / "whole")
    assert all(torch.equal(expected[key], value) for key, value in generator(tmp_path / "killed").items())
    tables = [(tmp_path / name / "metrics.csv").read_text().splitlines() for name in ("whole", "killed")]
    assert len(tables[0]) == len(tables[1])
    assert files(tmp_path / "killed") == files(tmp_path / "whole")  # and no healthy ones


def test_a_run_that_is_asked_to_end_keeps_what_it_may_return_to(tmp_path, rings, monkeypatch):
    rings(NOTHING)
    keep = Guard._keep

    def asked(guard, module):
        keep(guard, module)
        if module.game.images == 96:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Guard, "_keep", asked)
    with pytest.raises(SystemExit):
        run(tmp_path, "rollback")
    monkeypatch.setattr(Guard, "_keep", keep)
    kept = [name for name in files(tmp_path) if name.startswith("healthy")]
    assert kept == ["healthy-000000.000.ckpt", "healthy-000000.080.ckpt"]
    assert go_on(tmp_path, "guard=rollback")["state"] == "finished"
    assert not [name for name in files(tmp_path) if name.startswith("healthy")]


def test_a_run_killed_after_it_went_back_goes_on_with_the_remedy(tmp_path, rings, monkeypatch):
    start = GANModule.on_fit_start

    def snapshot(module):
        if module.saved is not None and not (tmp_path / "killed").exists():
            shutil.copytree(tmp_path / "whole", tmp_path / "killed")
        start(module)

    monkeypatch.setattr(GANModule, "on_fit_start", snapshot)
    whole = run(tmp_path / "whole", "rollback", "kimg=0.4", "loss=js")
    monkeypatch.setattr(GANModule, "on_fit_start", start)
    first = whole["guard"]["actions"][0]
    saved = checkpoint.load(tmp_path / "killed" / "checkpoints" / "last.ckpt")
    assert saved["config"]["regularizer"]["r1"] == {"name": "r1", "weight": 1}
    assert saved["observers"]["guard"] == {"returns": 1, "tried": [first["remedy"]]}
    rings(NOTHING)
    summary = go_on(tmp_path / "killed", "guard=rollback", "kimg=0.4", "loss=js")
    assert (summary["state"], summary["guard"]["actions"]) == ("finished", [first])
    assert (
        yaml.safe_load((tmp_path / "killed" / "config.yaml").read_text())["regularizer"]["r1"]["weight"] == 1
    )


def test_a_damaged_checkpoint_is_passed_over_for_an_older_one(tmp_path, rings, monkeypatch, capsys):
    keep = Guard._keep

    def damage(guard, module):
        keep(guard, module)
        path = tmp_path / "checkpoints" / "healthy-000000.160.ckpt"
        if path.exists() and path.stat().st_size > 99:
            path.write_bytes(path.read_bytes()[:99])

    monkeypatch.setattr(Guard, "_keep", damage)
    monkeypatch.setattr(
        Vitals, "_samples", lambda self, module: planted(self.looks in range(14, 17)), raising=True
    )
    rings(Thresholds(**SHY))
    (action,) = run(tmp_path, "rollback", "kimg=0.4", "loss=js", callbacks=LATE)["guard"]["actions"]
    assert action["to_kimg"] == pytest.approx(0.080)
    assert "passes over healthy-000000.160.ckpt" in capsys.readouterr().err


def test_where_nothing_is_left_to_return_to_the_run_goes_on_as_it_is(tmp_path, rings, monkeypatch):
    monkeypatch.setattr(Guard, "_keep", lambda self, module: None)  # as in a run that began without rollback
    summary = run(tmp_path, "rollback", callbacks=LATE)
    (action,) = summary["guard"]["actions"]
    assert (summary["state"], action["action"]) == ("finished", "none")
    assert action["why"] == "there is no checkpoint from before the finding"


@pytest.mark.parametrize("name", ["healthy", "last"])
def test_a_full_disk_ends_no_run(tmp_path, rings, monkeypatch, capsys, name):
    """What the guard cannot save it leaves; what the run itself saves is another matter."""
    save = checkpoint.save

    def full(path, saved):
        if path.name.startswith(name) and (name == "healthy" or saved["config"]["regularizer"]):
            raise OSError(28, "No space left on device")
        save(path, saved)

    monkeypatch.setattr(checkpoint, "save", full)
    summary = run(tmp_path, "rollback", "kimg=0.4", "loss=js", callbacks=LATE)
    action = summary["guard"]["actions"][0]
    assert (summary["state"], summary["kimg"], action["action"]) == ("finished", 0.4, "none")
    told = capsys.readouterr().err
    if name == "healthy":
        assert action["why"] == "there is no checkpoint from before the finding"
        assert "cannot keep healthy-000000.000.ckpt: No space left on device" in told
    else:
        assert action["why"] == "the disk refuses: No space left on device"


def test_it_returns_to_before_the_earliest_of_several_findings(tmp_path, rings, monkeypatch):
    given = []
    monkeypatch.setattr(Guard, "_healthy", lambda self, module, since, device: given.append(since))
    guard = Guard("rollback", [Alarm(), Vitals()])
    monkeypatch.setattr(
        "gan_zoo.assemble.guard.first_that_fits", lambda *_: (None, types.SimpleNamespace(device="cpu"), None)
    )
    monkeypatch.setattr(Guard, "_stay", lambda *_: None)
    module = types.SimpleNamespace(game=types.SimpleNamespace(images=9000))
    found = [
        types.SimpleNamespace(kind="collapse", since_kimg=since, evidence="", remedies=[])
        for since in (5.0, 2.0, 7.0)
    ]
    guard._return(None, module, found)
    assert given == [2.0]


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
