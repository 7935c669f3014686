"""The command line as a person meets it: help, spelling mistakes, refusals, sweeps, plugins."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "torchvision", "pytorch_lightning", "wandb", "sklearn", "matplotlib")
# Stands in for the training of a run, so that everything up to it can be tried quickly and without torch.
STAND_IN = """
import json, runpy, sys, types
from pathlib import Path
sys.modules.update(dict.fromkeys({heavy!r}))  # importing one of them is an error
from gan_zoo.errors import UserError
module = types.ModuleType("gan_zoo.assemble.train")
def train(config, callbacks, loggers, command, overrides, resumes):
    if config.seed == 13:
        raise UserError("13 is an unlucky seed. Type seed=14")
    if config.seed == 666:
        raise RuntimeError("a bug")
    folder = Path(config.run_dir)
    (folder / "config.yaml").write_text("")
    config = config.to_plain()
    print("TRAINED", json.dumps(dict(config=config, callbacks=callbacks, loggers=loggers, command=command)))
module.train = train
sys.modules["gan_zoo.assemble.train"] = module
script, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = script
runpy.run_path(script, run_name="__main__")
"""


@dataclass
class Answer:
    code: int
    out: str
    err: str

    def trained(self) -> list[dict]:
        import json

        lines = [line for line in self.out.splitlines() if line.startswith("TRAINED ")]
        return [json.loads(line.removeprefix("TRAINED ")) for line in lines]


@pytest.fixture
def type_in(tmp_path: Path):
    """Run `python train.py ...` in an empty folder, with torch out of reach and training replaced."""

    def run(*arguments: str) -> Answer:
        stand_in = STAND_IN.format(heavy=list(HEAVY))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", stand_in, str(ROOT / "train.py"), *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


def test_help_lists_every_choice(type_in) -> None:
    answer = type_in("--help")
    assert answer.code == 0, answer.err
    for group in ("model", "loss", "data", "trainer"):
        line = next(line for line in answer.out.splitlines() if line.startswith(f"{group}: "))
        files = {path.stem for path in (ROOT / "conf" / group).glob("*.yaml")}
        assert set(line.removeprefix(f"{group}: ").split(", ")) == files
    for key in ("kimg=", "batch_size=", "seed=", "run_dir=", "--multirun"):
        assert key in answer.out


def test_the_configuration_is_printed_and_nothing_is_written(type_in, tmp_path: Path) -> None:
    answer = type_in("model=pggan", "--cfg", "job", "stabilizer=[packing,~ema]", "experiment=null")
    assert answer.code == 0, answer.err
    assert "name: pggan" in answer.out
    assert "  stabilizer:\n  - ema\n" in answer.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("model=pgan", ("no such model", "Did you mean 'pggan'?", "dcgan")),
        ("loss=wgan-gp", ("Did you mean 'wgangp'?",)),
        ("stabilizer=[emma]", ("no such stabilizer", "Did you mean 'ema'?")),
        ("modell=dcgan", ("Did you mean 'model'?",)),
        ("regulariser=[r1]", ("Did you mean 'regularizer'?",)),
        ("trainer.kimgs=3", ("'trainer.kimgs'", "Did you mean 'kimg'?", "trainer.threads")),
        ("trainer.threds=3", ("Did you mean 'trainer.threads'?",)),
        ("+kimgs=3", ("'kimgs'", "Did you mean 'kimg'?")),
        ("+model.latents=3", ("'model.latents'", "Did you mean 'latent_dim'?")),
        ("kimg=abc", ("kimg='abc'", "greater than 0", "kimg=20")),
        ("trainer.threads=many", ("trainer.threads='many'", "whole number")),
        ("kimg=${nowhere}", ("The value of kimg cannot be read", "nowhere")),
        ("run_dir=${nowhere}/x", ("cannot be read", "nowhere")),
        ("x=[1", ("Cannot read the option 'x=[1'",)),
        ("loss=js,hinge", ("--multirun",)),
        ("stabilizer=[ema,~],[x]", ("'~' needs one list", "remove.stabilizer=[b]")),
        ("plugins=[no_such_plugin]", ("no module 'no_such_plugin'",)),
        ("seed=13", ("unlucky seed", "Type seed=14")),
    ],
)
def test_a_mistake_gets_one_message_and_leaves_nothing(
    type_in, tmp_path: Path, typed: str, words: tuple
) -> None:
    answer = type_in(typed)
    assert answer.code == 2, answer.err
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err
    assert answer.err.count("error: ") == 1
    assert list(tmp_path.iterdir()) == []


def test_folders_of_the_user_survive_a_refusal(type_in, tmp_path: Path) -> None:
    (tmp_path / "outputs" / "mine").mkdir(parents=True)
    assert type_in("seed=13", "run_dir=outputs/mine/new").code == 2
    assert type_in("seed=13", "run_dir=outputs/mine").code == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["outputs", "mine"]


@pytest.mark.parametrize("left", ["config.yaml", "checkpoints/last.ckpt"])
def test_a_folder_with_a_run_is_refused_untouched(type_in, tmp_path: Path, left: str) -> None:
    file = tmp_path / "mine" / left
    file.parent.mkdir(parents=True)
    file.write_text("precious")
    answer = type_in("run_dir=mine")
    assert answer.code == 2
    assert "run_dir=mine already holds a run" in answer.err
    assert [path for path in (tmp_path / "mine").rglob("*") if path.is_file()] == [file]
    assert file.read_text() == "precious"


def test_a_good_run_gets_its_configuration_and_command(type_in, tmp_path: Path) -> None:
    answer = type_in(
        "loss=hinge", "stabilizer=[packing,~ema]", "regularizer=~drift", "debug=tiny", "experiment=null"
    )
    assert answer.code == 0, answer.err
    (trained,) = answer.trained()
    config = trained["config"]
    assert config["loss"]["name"] == "hinge"
    assert list(config["stabilizer"]) == ["packing"]
    assert config["remove"] == {"regularizer": ["drift"], "stabilizer": ["ema"]}
    assert config["kimg"] == 0.064
    assert trained["loggers"] == {}
    assert "summary" in trained["callbacks"]
    assert trained["command"].startswith("python train.py loss=hinge")
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name.endswith("_dcgan-hinge-digits")
    assert config["run_dir"] == f"outputs/{folder.name}"
    assert [path.name for path in folder.iterdir()] == ["config.yaml"]  # neither .hydra nor log files


def test_an_unexpected_error_keeps_its_traceback(type_in) -> None:
    answer = type_in("seed=666")
    assert answer.code == 1
    assert "Traceback" in answer.err
    assert "RuntimeError: a bug" in answer.err


def test_in_a_sweep_bad_runs_do_not_stop_the_others(type_in, tmp_path: Path) -> None:
    answer = type_in("-m", "seed=13,1,x,2", "loss=js")
    assert answer.code == 2, answer.err
    assert [trained["config"]["seed"] for trained in answer.trained()] == [1, 2]
    assert "error: run 0 (seed=13): 13 is an unlucky seed" in answer.err
    assert "error: run 2 (seed=x): seed='x' is not allowed" in answer.err
    assert "Traceback" not in answer.err
    (sweep,) = (tmp_path / "outputs" / "sweeps").iterdir()
    assert sweep.name == "seed=13,1,x,2_loss=js"
    assert sorted(path.name for path in (sweep / "loss=js").iterdir()) == ["seed=1", "seed=2"]
    files = ["loss=js", "multirun.yaml", "sweep.csv", "sweep.json", "sweep.md"]
    assert sorted(path.name for path in sweep.iterdir()) == files


def test_in_a_sweep_a_bug_is_shown_and_does_not_stop_the_others(type_in) -> None:
    answer = type_in("-m", "seed=666,1")
    assert answer.code == 1
    assert "RuntimeError: a bug" in answer.err
    assert [trained["config"]["seed"] for trained in answer.trained()] == [1]


@pytest.mark.parametrize("typed", ["seed=13", "loss=js,hing", "run_dir=a"])
def test_a_sweep_without_a_good_run_leaves_nothing(type_in, tmp_path: Path, typed: str) -> None:
    answer = type_in("-m", typed)
    assert answer.code == 2, answer.err
    assert "Traceback" not in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("swept", "fixed"), [("model", "loss=hinge"), ("loss", "model=dcgan"), ("data", "model=mlp")]
)
def test_every_choice_of_a_group_composes_in_a_sweep(type_in, swept: str, fixed: str) -> None:
    choices = sorted(path.stem for path in (ROOT / "conf" / swept).glob("*.yaml"))
    answer = type_in("-m", f"{swept}={','.join(choices)}", fixed, "+data.path=pictures")
    assert answer.code == 0, answer.err
    assert [run["config"][swept]["name"] for run in answer.trained()] == choices


def test_a_plugin_brings_its_configuration_or_needs_none(type_in, tmp_path: Path) -> None:
    conf = tmp_path / "my_package" / "conf" / "loss"
    conf.mkdir(parents=True)
    (tmp_path / "my_package" / "__init__.py").write_text("print('IMPORTED')")
    (conf / "mine.yaml").write_text("name: mine\nsharpness: 3\n")
    answer = type_in("plugins=[my_package]", "loss=mine", "loss.sharpness=4", "stabilizer=[other]")
    assert answer.code == 0, answer.err
    (trained,) = answer.trained()
    assert trained["config"]["loss"] == {"name": "mine", "sharpness": 4}
    assert trained["config"]["stabilizer"] == {"other": {"name": "other"}}
    assert trained["config"]["plugins"] == ["my_package"]
    composed = type_in("plugins=[my_package]", "loss=mine", "--cfg", "job")
    assert "IMPORTED" not in composed.out


def test_a_folder_of_one_s_own_experiments(type_in, tmp_path: Path) -> None:
    (tmp_path / "my_conf" / "experiment").mkdir(parents=True)
    preset = "# @package _global_\ndefaults:\n  - override /loss: hinge\nseed: 5\n"
    (tmp_path / "my_conf" / "experiment" / "mine.yaml").write_text(preset)
    answer = type_in("experiment=mine", "--config-dir", "my_conf")
    assert answer.code == 0, answer.err
    (trained,) = answer.trained()
    assert (trained["config"]["loss"]["name"], trained["config"]["seed"]) == ("hinge", 5)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, ("train", "sample", "zoo")),
        ([], 0, ("usage",)),
        (["zoo", "loss"], 0, ("hinge", "wgangp")),
        (["zoo", "losss"], 2, ("Did you mean 'loss'?",)),
        (["trian"], 2, ("Did you mean 'train'?",)),
        (["train", "model=pgan"], 2, ("Did you mean 'pggan'?",)),
        (["model=pgan"], 2, ("Did you mean 'pggan'?",)),
    ],
)
def test_the_console_command(tmp_path: Path, arguments: list[str], code: int, words: tuple[str, ...]) -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({list(HEAVY)!r})); "
    done = subprocess.run(
        [sys.executable, "-c", blocked + "from gan_zoo.cli import main; main()", *arguments],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_typed_list_puts_aside_what_a_recipe_sets(type_in) -> None:
    recipe = ("benchmark=ring", "method=best_ring")
    answer = type_in(*recipe, "stabilizer=[]")
    assert answer.trained()[0]["config"]["stabilizer"] == {}, answer.err
    answer = type_in("-m", *recipe, "stabilizer=[],[packing],[instance_noise]")
    parts = [list(run["config"]["stabilizer"]) for run in answer.trained()]
    assert sorted(parts) == [[], ["instance_noise"], ["packing"]], answer.err
