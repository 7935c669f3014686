"""The alarm's proof: a run that stops being finite is a bad end, what befalls the machine is none."""

import json

import pytest

import prove_alarm
from alarm_cases import TOY, Case
from gan_zoo.assemble import train
from gan_zoo.errors import UserError

WILD = Case("wild", True, "SGD at an absurd rate", (*TOY, "data=ring", "optimizer=sgd", "optimizer.lr=1e30"))


def test_a_run_whose_steps_are_never_finite_again_ended_badly(tmp_path):
    prove_alarm._train(WILD, 0, tmp_path / "run", threads=1)
    row = prove_alarm.judged(WILD, 0, tmp_path / "run")
    assert "were not applied" in row["stopped"]
    assert row["fails"]
    assert row["end"] == prove_alarm.STOPPED


def test_a_full_disk_says_nothing_of_a_run(tmp_path, monkeypatch):
    def full(config, *rest):
        (tmp_path / "run" / "metrics.csv").touch()  # it had begun
        raise UserError("No space is left on the disk.")

    monkeypatch.setattr(train, "train", full)
    with pytest.raises(UserError, match="No space"):
        prove_alarm._train(WILD, 0, tmp_path / "run", threads=1)
    assert not (tmp_path / "run" / "done.json").exists()
    assert not prove_alarm._is_done(tmp_path / "run")


def test_a_run_that_is_done_is_known(tmp_path):
    (tmp_path / "done.json").write_text(json.dumps({"seconds": 1.0, "stopped": ""}), encoding="utf-8")
    assert prove_alarm._is_done(tmp_path)
