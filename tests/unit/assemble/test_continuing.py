"""What a run that goes on may change, and what is refused before anything is built."""

import pytest
import torch
from helpers.resuming import CALLBACKS, trained
from helpers.runs import SMALL, configuration

from gan_zoo import checkpoint
from gan_zoo.assemble.continuing import changed_config, continuation, differences, unlike
from gan_zoo.errors import UserError
from gan_zoo.version import versions

RING = ("data=ring", "data.samples=500")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run") / "run", "mlp", *RING, callbacks={**CALLBACKS})


def asked(folder, *overrides):
    return configuration("model=mlp", *SMALL["mlp"], *RING, *overrides, run_dir=folder)


def test_what_differs_is_listed_by_key():
    before = {"loss": {"name": "js", "variant": "a"}, "seed": 0, "stabilizer": {}}
    now = {"loss": {"name": "hinge"}, "seed": 0, "stabilizer": {"packing": {"name": "packing"}}}
    found = differences(before, now)
    assert set(found) == {"loss.name", "loss.variant", "stabilizer.packing.name"}
    assert found["loss.name"] == ("js", "hinge")


def test_keys_of_a_newer_version_do_not_count():
    assert differences({"seed": 0}, {"seed": 0, "new": {"key": 1}}) == {}


@pytest.mark.parametrize("value", [1e-5, 0.1 + 0.2, [1, 2.5], None, "1e-3", {"4": 8}])
def test_values_survive_the_notes_of_the_run(value):
    import yaml

    text = yaml.safe_dump({"key": value})
    assert differences(yaml.safe_load(text), {"key": value}) == {}


@pytest.mark.parametrize(
    "override", ["loss=hinge", "seed=1", "batch_size=16", "stabilizer=[packing]", "optimizer.lr=1"]
)
def test_changes_of_the_mathematics_are_refused_by_name(finished, override):
    with pytest.raises(UserError, match=override.split("=")[0]) as refusal:
        continuation(asked(finished, override, "kimg=1"))
    assert "What may change: kimg" in str(refusal.value)


def test_budget_device_and_place_may_change(finished, tmp_path):
    going = continuation(asked(finished, "kimg=1", "trainer.threads=1", "guard=off"))
    assert going.config["kimg"] == 1.0
    assert (going.config["trainer"]["threads"], going.config["guard"]) == (1, "off")
    assert going.config["optimizer"]["end_kimg"] == 0.2  # rates that were end where they would have ended
    assert going.images == 200


def test_a_finished_run_says_what_to_type(finished):
    with pytest.raises(UserError, match=r"reached its end, 0\.2 kimg\. Type kimg=0\.4"):
        continuation(asked(finished))


def test_a_longer_budget_changes_no_past(finished, tmp_path):
    whole = trained(tmp_path / "whole", "mlp", *RING, "kimg=0.4", "optimizer.end_kimg=0.2")
    longer = trained(finished, "mlp", *RING, "kimg=0.4")
    states = [checkpoint.load(run / "checkpoints" / "last.ckpt")["game"] for run in (whole, longer)]
    for name in ("generator", "discriminator"):
        weights = [state["networks"][name] for state in states]
        assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_nothing_saved_yet_is_no_continuation(tmp_path):
    assert continuation(asked(tmp_path)) is None


def test_another_number_of_threads_is_said():
    saved = {"versions": versions(), "environment": {**checkpoint.environment(), "threads": 99}}
    (note,) = unlike(saved)
    assert "threads 99 -> " in note
    assert "bits may differ" in note
    assert unlike({"versions": versions(), "environment": checkpoint.environment()}) == []


def test_a_budget_is_a_number():
    with pytest.raises(UserError, match="kimg=auto is no number"):
        changed_config({"kimg": 0.2, "run_dir": "x"}, {"kimg": (0.2, "auto")})
