"""What a configuration may build for Lightning's trainer."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytorch_lightning.loggers import CSVLogger

from gan_zoo.assemble.trainer_parts import build_callbacks, build_loggers
from gan_zoo.errors import UserError

CONF = Path(__file__).resolve().parents[3] / "conf"
LOGGER = "pytorch_lightning.loggers.CSVLogger"


def test_metrics_csv_lies_in_the_run_directory(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    (logger,) = build_loggers(yaml.safe_load((CONF / "logger" / "csv.yaml").read_text()), tmp_path)
    logger.log_metrics({"progress/kimg": 1.0}, step=3)
    logger.save()
    assert (tmp_path / "metrics.csv").read_text().splitlines() == ["progress/kimg,step", "1.0,3"]


@pytest.mark.parametrize("path", sorted((CONF / "callbacks").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_set_of_callbacks_is_allowed_and_built_in_order(path: Path) -> None:
    plain = yaml.safe_load(path.read_text()) or {}
    names = [part["_target_"].rpartition(".")[2] for part in plain.values()]
    assert [type(callback).__name__ for callback in build_callbacks(plain)] == names


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"_target_": "os.system", "command": "true"}, "may not be built"),
        ({"_target_": "pytorch_lightning.loggers.csv_logs.os.system"}, "there is no"),
        ({"_target_": "pytorch_lightning.loggers.csv_logs.os"}, "may not be built"),
        (
            {"_target_": "pytorch_lightning.loggers.csv_logs.Namespace"},
            "may not be built",
        ),  # only imported there
        ({"_target_": LOGGER, "name": {"_target_": "os.getcwd"}}, "may not be built"),
        ({"_target_": LOGGER, "name": [{"_target_": "os.getcwd"}]}, "may not be built"),
        ({"_target_": 3}, "may not be built"),
        ({"_target_": "pytorch_lightning.loggers.Nothing"}, "there is no"),
        ({"_target_": LOGGER, "nme": "x"}, "Did you mean 'name'"),
        ({"name": "csv"}, "_target_"),
        (3, "_target_"),
    ],
)
def test_other_targets_are_refused(part: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"logger\.mine") as refusal:
        build_loggers({"mine": part}, tmp_path)
    assert words in str(refusal.value)


def test_a_plugin_s_own_classes_are_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from pytorch_lightning import Callback\nclass Mine(Callback):\n    pass\n"
    (tmp_path / "a_plugin_with_callbacks.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    part = {"mine": {"_target_": "a_plugin_with_callbacks.Mine"}, "none": None}
    (callback,) = build_callbacks(part, ["a_plugin_with_callbacks"])
    assert type(callback).__name__ == "Mine"
    with pytest.raises(UserError, match="may not be built"):
        build_callbacks(part)
    monkeypatch.delitem(sys.modules, "a_plugin_with_callbacks")


def test_nothing_is_built_from_nothing(tmp_path: Path) -> None:
    assert build_loggers({}, tmp_path) == []
    assert isinstance(build_loggers({"csv": {"_target_": LOGGER}}, tmp_path)[0], CSVLogger)
