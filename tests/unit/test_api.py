"""`gan_zoo.train` up to the first batch, and `gan_zoo.Run` on what a run left."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

import gan_zoo
from gan_zoo.api.overrides import to_words
from gan_zoo.cli.composing import compose_run
from gan_zoo.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "value",
    ["my pictures", "it's", "a\\b", "true", "null0", "1e-3", "~ema", "", "a=b", "x,y", "[a]", "{a}", "None",
     "a\\'b\\", 3, 0.1, True, [1, "two words", None], {"a": [1, {"b": "c d"}]}, 1e-5, Path("some/where")],
)  # fmt: skip
def test_a_value_of_a_dictionary_arrives_as_it_is(value: object) -> None:
    from hydra import compose, initialize_config_dir

    (word,) = to_words({"+given": value})
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        composed = compose("train", [word])
    arrived = OmegaConf.to_container(composed)["given"]
    assert arrived == (str(value) if isinstance(value, Path) else value)
    assert type(arrived) is type(str(value) if isinstance(value, Path) else value)


def test_choices_of_a_dictionary_compose_as_typed() -> None:
    asked = {"loss": "hinge", "stabilizer": ["~ema", "packing"], "experiment": None, "run_dir": "my runs/a b"}
    composed = compose_run(to_words(asked))
    assert composed.config.loss.name == "hinge"
    assert list(composed.config.stabilizer) == ["packing"]
    assert composed.config.remove.stabilizer == ["ema"]
    assert composed.folder == Path("my runs/a b")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ("loss=hing", ("no such loss", "Did you mean 'hinge'?")),
        ("loss=js,hinge", ("loss=js,hinge", "in a loop", "train.py -m")),
        ("-m loss=js", ("'-m' is a flag", "python train.py -m")),
        ("--cfg job", ("'--cfg' is a flag",)),
        ({"kimg": "many"}, ("kimg='many'", "kimg=20")),
        (["losss=js"], ("Unknown key 'losss'", "Did you mean 'loss'?")),
        ("loss='js", ("cannot be read", "quotation")),
        (5, ("Overrides are 5", "dictionary")),
        ({"kimg": object()}, ("kimg=<object", "number")),
        ("trainer.devices=2", ("in this process alone", "gan-zoo train trainer.devices=2")),
        ("resume=nowhere", ("resume=nowhere", "is no run directory")),
        ("plugins=[no_such_plugin]", ("no module 'no_such_plugin'",)),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_leaves_nothing(
    overrides: object, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(UserError) as refused:
        gan_zoo.train(overrides)
    for word in words:
        assert word in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_hydra_is_left_as_a_notebook_had_it() -> None:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        for word in ("loss=hinge", "loss=hing"):
            try:
                compose_run([word])
            except UserError:
                assert word == "loss=hing"
            assert compose("train", ["loss=wgan"]).loss.name == "wgan"
    assert not GlobalHydra.instance().is_initialized()


def test_a_folder_with_a_run_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("precious")
    with pytest.raises(UserError, match="already holds a run"):
        gan_zoo.train({"run_dir": str(tmp_path)})
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_nothing_heavy_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    heavy = ("torch", "pytorch_lightning", "wandb", "matplotlib", "sklearn")
    program = f"""
import sys
import gan_zoo
assert not {{"hydra", "omegaconf", "yaml", "numpy"}} & set(sys.modules)
sys.modules.update(dict.fromkeys({heavy!r}))  # importing one of them is an error
from gan_zoo.errors import UserError
for wrong in (lambda: gan_zoo.train("loss=hing"), lambda: gan_zoo.Run("nowhere")):
    try:
        wrong()
    except UserError as error:
        print(error)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Did you mean 'hinge'?" in done.stdout
    assert "nowhere is no run directory" in done.stdout


def test_unknown_names_of_the_package_are_attribute_errors() -> None:
    assert gan_zoo.Run.__name__ == "Run"
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        gan_zoo.trian  # noqa: B018


def test_columns_are_equally_long_whatever_the_rows_hold(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("kimg: 3\n")
    (tmp_path / "metrics.csv").write_text("step,progress/kimg,a,b\n1000,1.0,5,\n2000,2.0,,7\n")
    run = gan_zoo.Run(tmp_path)
    assert run.metrics["progress/kimg"] == [1.0, 2.0]
    assert run.metrics["a"][0] == 5.0
    assert math.isnan(run.metrics["a"][1])
    assert {len(column) for column in run.metrics.values()} == {2}
    assert run.series("b") == ([2.0], [7.0])
    assert repr(run) == f"Run('{tmp_path}': unfinished at 2.0 of 3 kimg)"


def test_a_notebook_shows_the_newest_picture(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    assert "<img" not in gan_zoo.Run(tmp_path)._repr_html_()
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "latest.png").write_bytes(b"picture")
    shown = gan_zoo.Run(tmp_path)._repr_html_()
    assert "data:image/png;base64,cGljdHVyZQ==" in shown
    assert "unfinished at 0.0 kimg" in shown


@pytest.mark.parametrize("n", [0, -1, 5000, 2.5, True])
def test_how_many_samples_is_checked_before_torch_is_needed(tmp_path: Path, n: object) -> None:
    (tmp_path / "config.yaml").write_text("")
    with pytest.raises(UserError, match="1 to 4096"):
        gan_zoo.Run(tmp_path).samples(n)
