from types import SimpleNamespace

import pytest
from helpers.offline_runs import recorded
from helpers.wandb_stand_in import alone

from gan_zoo.callbacks.wandb_evaluation import last_values, numbers, write_back
from gan_zoo.callbacks.wandb_identity import Identity, read_identity, write_identity
from gan_zoo.callbacks.wandb_logger import WandbRun

DOCUMENT = {
    "numbers": {"ndb": {"value": 0.25, "floor": 0.05}, "fd/pixels": {"value": 3.0, "floor": None}},
    "subject": {"kimg": 2.0},
}


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    pytest.importorskip("wandb")
    alone(monkeypatch, tmp_path)


def test_numbers_and_floors_have_keys():
    assert numbers(DOCUMENT) == {
        "evaluation/ndb": 0.25,
        "evaluation_floor/ndb": 0.05,
        "evaluation/fd/pixels": 3.0,
        "evaluation/at_kimg": 2.0,
    }


def test_a_run_that_wandb_does_not_know_is_left_alone(tmp_path):
    assert write_back(tmp_path, DOCUMENT) is None
    write_identity(tmp_path, Identity("abcd", "zoo", mode="disabled"))
    assert write_back(tmp_path, DOCUMENT) is None


def test_an_offline_run_gets_a_record_beside_it(tmp_path, module):
    run_dir = tmp_path / "run"
    logger = WandbRun(str(run_dir), module, tags=["mine"])
    logger.log_metrics({"generator/js": 1.0, "told/once": 7.0}, step=100)
    logger.close()
    (run_dir / "metrics.csv").write_text("step,generator/js,late\n100,1.0,\n200,nan,2.0\n")
    (run_dir / "summary.json").write_text('{"state": "failed"}')
    recorded(run_dir)  # waits until W&B's process has written it
    assert "wandb sync" in write_back(run_dir, DOCUMENT)
    first, second = recorded(run_dir)
    assert second.run.run_id == first.run.run_id == read_identity(run_dir).id
    assert second.run.display_name == first.run.display_name
    assert list(second.run.tags) == list(first.run.tags) == ["tiny", "mine"]
    assert {**second.config, "_wandb": 0} == {**first.config, "_wandb": 0}
    assert second.rows == []
    assert second.summary["evaluation/ndb"] == 0.25
    assert second.summary["evaluation_floor/ndb"] == 0.05
    assert second.summary["late"] == 2.0
    assert second.summary["told/once"] == 7.0  # which metrics.csv does not hold
    assert second.exit_code == 1


def test_an_online_run_is_changed_on_the_server(tmp_path, monkeypatch):
    import wandb

    summaries = {}

    class Api:
        def __init__(self, timeout):
            assert timeout < 60

        def run(self, path):
            return SimpleNamespace(summary=summaries.setdefault(path, {}))

    monkeypatch.setattr(wandb, "Api", Api)
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    write_identity(tmp_path, Identity("abcd", "zoo", "me", mode="online", url="https://example.org/abcd"))
    assert write_back(tmp_path, DOCUMENT) == "https://example.org/abcd"
    assert summaries == {"me/zoo/abcd": numbers(DOCUMENT)}
    monkeypatch.setattr(wandb, "Api", lambda timeout: 1 / 0)
    assert "not written" in write_back(tmp_path, DOCUMENT)


def test_the_last_values_are_finite(tmp_path):
    assert last_values(tmp_path) == {}
    (tmp_path / "metrics.csv").write_text("step,a,b\n1,1.0,\n2,inf,3.0\n")
    assert last_values(tmp_path) == {"b": 3.0}
