"""What a configuration may build for Lightning's trainer."""

import ast
import csv
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytorch_lightning.loggers import CSVLogger, Logger

import gan_zoo
from gan_zoo.assemble.trainer_parts import LIGHTNING, build_callbacks, build_loggers
from gan_zoo.errors import UserError

CONF = Path(__file__).resolve().parents[3] / "conf"
LOGGER = "pytorch_lightning.loggers.CSVLogger"


def test_metrics_csv_lies_in_the_run_directory(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    (logger,) = build_loggers(yaml.safe_load((CONF / "logger" / "csv.yaml").read_text()), tmp_path)
    logger.log_metrics({"progress/kimg": 1.0}, step=3)
    logger.save()
    with (tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [{"progress/kimg": "1.0", "step": "3"}]


@pytest.mark.parametrize("path", sorted((CONF / "callbacks").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_set_of_callbacks_is_allowed_and_built_in_order(path: Path) -> None:
    plain = yaml.safe_load(path.read_text()) or {}
    names = [part["_target_"].rpartition(".")[2] for part in plain.values()]
    assert [type(callback).__name__ for callback in build_callbacks(plain)] == names


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"_target_": "os.system", "command": "true"}, "may not be built"),
        ({"_target_": "pytorch_lightning.loggers.csv_logs.os.system"}, "may not be built"),
        ({"_target_": "pytorch_lightning.loggers.Logger"}, "may not be built"),
        ({"_target_": "gan_zoo.callbacks.signals.os.system"}, "there is no"),
        ({"_target_": "gan_zoo.callbacks.signals.os"}, "may not be built"),
        ({"_target_": "gan_zoo.callbacks.loggers.Image"}, "may not be built"),  # only imported there
        ({"_target_": "gan_zoo.callbacks.loggers.log_values"}, "may not be built"),  # no factory
        ({"_target_": "gan_zoo.callbacks.Progress"}, "may not be built"),  # no logger
        ({"_target_": "gan_zoo.callbacks_of_others.Logger"}, "may not be built"),
        ({"_target_": "gan_zoo.callbacks..Progress"}, "may not be built"),
        ({"_target_": "gan_zoo.callbacks.Nothing"}, "there is no"),
        ({"_target_": LOGGER, "name": {"_target_": "os.getcwd"}}, "`_target_`"),
        ({"_target_": LOGGER, "name": [{"_target_": LOGGER}]}, "`_target_`"),
        ({"_target_": LOGGER, "_partial_": True}, "`_partial_`"),
        ({"_target_": LOGGER, "_args_": ["x"]}, "`_args_`"),
        ({"_target_": LOGGER, "name": {"a": [{"_recursive_": False}]}}, "`_recursive_`"),
        ({"_target_": 3}, "may not be built"),
        ({"_target_": ""}, "may not be built"),
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
    with pytest.raises(UserError, match="may not be built"):
        build_callbacks(part)
    assert "a_plugin_with_callbacks" not in sys.modules
    (callback,) = build_callbacks(part, ["a_plugin_with_callbacks"])
    assert type(callback).__name__ == "Mine"
    imported = {"mine": {"_target_": "a_plugin_with_callbacks.Callback"}}
    with pytest.raises(UserError, match="may not be built"):  # Lightning's own, only imported there
        build_callbacks(imported, ["a_plugin_with_callbacks"])
    monkeypatch.delitem(sys.modules, "a_plugin_with_callbacks")


PROOF = "open('proof', 'w').close()"
EXPLOITS: list[dict[str, Any]] = [
    {"_target_": "os.system", "command": "touch proof"},
    {"_target_": "subprocess.Popen", "args": ["touch", "proof"]},
    {"_target_": "builtins.exec", "_args_": [PROOF]},
    {"_target_": "builtins.eval", "_args_": [PROOF]},
    {"_target_": "builtins.open", "file": "proof", "mode": "w"},
    {"_target_": "pathlib.Path.touch", "self": {"_target_": "pathlib.Path", "_args_": ["proof"]}},
    {"_target_": "timeit.timeit", "stmt": PROOF, "number": 1},
    {"_target_": "hydra.utils.call", "_args_": [{"_target_": "os.system", "command": "touch proof"}]},
    {"_target_": "hydra.utils.instantiate", "config": {"_target_": "builtins.exec", "_args_": [PROOF]}},
    {"_target_": "torch.load", "f": "pickled", "weights_only": False},
    {"_target_": "functools.partial", "_args_": [{"_target_": "os.mkdir", "_args_": ["proof"]}]},
    {"_target_": "an_evil_module.Callback"},
    {"_target_": "gan_zoo.callbacks.source.subprocess.Popen", "args": ["touch", "proof"]},
    {"_target_": LOGGER, "save_dir": {"_target_": "builtins.exec", "_args_": [PROOF]}},
    {"_target_": "gan_zoo.callbacks.Checkpoints", "every_kimg": [{"_target_": "os.mkdir", "path": "proof"}]},
]


@pytest.mark.parametrize("part", EXPLOITS, ids=lambda part: part["_target_"])
@pytest.mark.parametrize("plugins", [[], ["subprocess", "os", "posix", "builtins", "timeit", "io"]])
def test_nothing_is_executed_or_imported(
    part: dict[str, Any], plugins: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "an_evil_module.py").write_text(PROOF)
    (tmp_path / "pickled").write_bytes(b"cos\nmkdir\n(S'proof'\ntR.")
    for build in (lambda plain: build_callbacks(plain, plugins), lambda p: build_loggers(p, "run", plugins)):
        with pytest.raises(UserError):
            build({"mine": part})
    assert {path.name for path in tmp_path.iterdir()} == {"an_evil_module.py", "pickled"}
    assert "an_evil_module" not in sys.modules


def test_the_exploits_would_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for part in (EXPLOITS[0], EXPLOITS[1]):
        module, _, name = part["_target_"].rpartition(".")
        done = getattr(importlib.import_module(module), name)(**{k: part[k] for k in part if k != "_target_"})
        if isinstance(done, subprocess.Popen):
            done.wait()
        assert (tmp_path / "proof").exists()
        (tmp_path / "proof").unlink()


def test_lightning_s_timer_may_be_added() -> None:
    (timer,) = build_callbacks(
        {"timer": {"_target_": "pytorch_lightning.callbacks.Timer", "duration": "00:00:10:00"}}
    )
    assert timer.time_remaining() == 600.0
    with pytest.raises(UserError, match=r"callbacks\.stop.*may not be built"):
        build_callbacks({"stop": {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "monitor": "x"}})


@pytest.mark.parametrize("name", [name for name in LIGHTNING if "Timer" not in name])
def test_every_logger_on_the_list_exists(name: str) -> None:
    module, _, found = name.rpartition(".")
    assert issubclass(getattr(importlib.import_module(module), found), Logger)


# The whole package ----------------------------------------------------------------------------------------

DANGEROUS = {
    "eval", "exec", "compile", "instantiate", "get_class", "get_method", "get_object", "__import__",
    "unsafe_load", "full_load", "extractall", "system", "popen",
}  # fmt: skip
IMPORTERS = {"trainer_parts.py", "plugins.py", "wasserstein_distance.py", "inception.py"}
SAFE = {"torch.load": ("weights_only", True), "np.load": ("allow_pickle", False)}


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    for path in sorted(Path(gan_zoo.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, ast.unparse(node.func), node


def test_nothing_in_the_package_runs_what_data_or_configurations_hold() -> None:
    for path, name, call in calls():
        place = f"{path}:{call.lineno}: {name}"
        last = name.rpartition(".")[2]
        given = {keyword.arg: getattr(keyword.value, "value", None) for keyword in call.keywords}
        assert name not in DANGEROUS, place
        assert last not in DANGEROUS - {"eval", "compile"} or name.startswith("self."), (
            place
        )  # modules have these
        assert not name.startswith(("pickle.", "marshal.", "shelve.", "joblib.")), place
        assert name != "yaml.load", place
        assert last != "import_module" or path.name in IMPORTERS, place
        assert given.get("shell") is not True, place
        if name in SAFE:
            keyword, value = SAFE[name]
            assert given.get(keyword) is value, place


def test_nothing_is_built_from_nothing(tmp_path: Path) -> None:
    assert build_loggers({}, tmp_path) == []
    assert isinstance(build_loggers({"csv": {"_target_": LOGGER}}, tmp_path)[0], CSVLogger)
