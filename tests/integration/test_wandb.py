"""What Weights & Biases gets from real runs, read back from its offline files."""

import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from helpers.offline_runs import Recorded, all_rows, recorded
from helpers.resuming import CALLBACKS, cut
from helpers.runs import SMALL, configuration

from gan_zoo.assemble.train import train
from gan_zoo.callbacks.wandb_file import files
from gan_zoo.callbacks.wandb_identity import read_identity
from gan_zoo.cli.arguments import translate
from gan_zoo.cli.catalog import configuration_folder

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = ROOT / "conf" / "sweep"
LOGGERS = yaml.safe_load((configuration_folder() / "logger" / "wandb.yaml").read_text())
QUALITY = yaml.safe_load((configuration_folder() / "metrics" / "fast.yaml").read_text())
QUALITY["quality"] |= {"n": 40, "every_kimg": 0.1, "bins": 4}
WORDS = ("data.size=16", "data.held_out=0.9")


@pytest.fixture(autouse=True, scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody is logged in, and nothing is sent anywhere."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("WANDB_", "GAN_ZOO_"))]:
            patch.delenv(name)
        patch.setenv("NETRC", str(home / "no-netrc"))
        for place in ("CONFIG", "CACHE", "DATA"):
            patch.setenv(f"WANDB_{place}_DIR", str(home))
        yield


def trained(folder: Path, model: str = "mlp", *words: str, callbacks=CALLBACKS, **changes) -> Path:
    loggers = {**LOGGERS, "wandb": {**LOGGERS["wandb"], **changes}}
    config = configuration(f"model={model}", *SMALL[model], *words, run_dir=folder)
    command = " ".join(["python train.py", f"model={model}", *words])
    train(config, callbacks, loggers, command, [f"model={model}", *words], resumes=folder.exists())
    return folder


def the_only(folder: Path) -> Recorded:
    (found,) = recorded(folder)
    return found


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def conditional(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("wandb") / "a run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("GAN_ZOO_SWEEP", "my_sweep")
        patch.setenv("GAN_ZOO_METHOD", "loss=hinge")
        words = ("loss=hinge", "stabilizer=[ema]", "seed=3", *WORDS)
        callbacks = {**QUALITY, **CALLBACKS}
        trained(folder, "cgan", *words, callbacks=callbacks, tags=["mine"], checkpoints=True)
    return the_only(folder)


def test_a_run_says_what_it_is(conditional: Recorded) -> None:
    run, config = conditional.run, conditional.config
    identity = read_identity(conditional.path.parents[2])
    assert identity is not None
    assert (run.run_id, run.project, run.job_type) == (identity.id, "gan_zoo", "train")
    assert (run.display_name, run.run_group) == ("loss=hinge seed=3", "my_sweep")
    assert list(run.tags) == ["cgan", "hinge", "ema", "digits", "mine"]
    resolved = yaml.safe_load((conditional.path.parents[2] / "config.yaml").read_text())
    assert {key: config[key] for key in resolved} == json.loads(json.dumps(resolved))
    assert config["method"] == "loss=hinge"
    assert config["command"].startswith("python train.py model=cgan")
    summary = json.loads((conditional.path.parents[2] / "summary.json").read_text())
    assert config["dataset"]["fingerprint"] == summary["data"]["fingerprint"]
    assert config["code"]["commit"] == summary["git_commit"]
    assert config["code"]["gan_zoo"] == summary["versions"]["gan_zoo"]
    assert conditional.exit_code == 0


def test_everything_stands_over_kimg(conditional: Recorded) -> None:
    assert conditional.axes == {"progress/kimg": "", "*": "progress/kimg"}
    steps = [row["_step"] for row in conditional.rows]
    assert steps == sorted(set(steps))
    assert [row["progress/kimg"] * 1000 for row in conditional.rows] == steps


def test_keys_fall_into_sections(conditional: Recorded) -> None:
    names = {name for row in conditional.rows for name in row if not name.startswith("_")}
    sections = {name.partition("/")[0] for name in names}
    assert sections == {
        "collapse", "discriminator", "generator", "progress", "quality", "quality_floor", "collapse_floor",
        "samples", "speed", "vitals",
    }  # fmt: skip
    assert {"generator/adversarial", "discriminator/adversarial", "speed/images_per_second"} <= names


def test_the_table_and_the_rows_agree(conditional: Recorded) -> None:
    sent: dict[tuple[int, str], float] = {}
    for row in conditional.rows:
        sent |= {(row["_step"], name): value for name, value in row.items()}
    for line in table(conditional.path.parents[2]):
        images = int(line.pop("step"))
        for name, text in line.items():
            if text and math.isfinite(float(text)):
                assert sent[images, name] == pytest.approx(float(text), rel=1e-12)


def test_pictures_have_captions_classes_and_files(conditional: Recorded) -> None:
    shown = {name: row[name] for row in conditional.rows for name in row if name.startswith("samples/")}
    assert set(shown) == {"samples/grid", "samples/classes", "samples/real"}
    assert shown["samples/grid"]["captions"] == ["0.2 kimg"]
    classes = shown["samples/classes"]
    assert classes["count"] == 10
    assert classes["captions"] == [f"{digit}, 0.2 kimg" for digit in range(10)]
    for path in conditional.files:
        if path.startswith("media"):
            assert (conditional.path.parent / "files" / path).exists()


def test_logits_are_histograms(conditional: Recorded) -> None:
    found = [row for row in conditional.rows if "vitals/logits_fake" in row]
    assert len(found) > 1
    for name in ("vitals/logits_fake", "vitals/logits_train", "vitals/logits_held_out"):
        assert found[-1][name]["_type"] == "histogram"
        assert sum(found[-1][name]["values"]) == 16


def test_bins_are_a_table_with_images(conditional: Recorded) -> None:
    last = [row["collapse/ndb_bins"] for row in conditional.rows if "collapse/ndb_bins" in row][-1]
    inside = [artifact[3] for artifact in conditional.artifacts if artifact[0] == "run_table"][-1]
    content = json.loads(inside["collapse/ndb_bins.table.json"].read_text())
    assert last["nrows"] == len(content["data"])
    assert content["columns"][:3] == ["bin", "real share", "generated share"]
    assert content["columns"][-2:] == ["real", "generated"]
    assert sum(line[1] for line in content["data"]) == pytest.approx(1.0)
    assert sum(line[2] for line in content["data"]) == pytest.approx(1.0)
    assert all(inside[line[-2]["path"]].stat().st_size > 100 for line in content["data"])
    change = [line[3] for line in content["data"]]
    assert change == sorted(change)


def test_checkpoints_may_be_an_artifact(conditional: Recorded) -> None:
    ((_, name, aliases, inside),) = [each for each in conditional.artifacts if each[0] == "model"]
    assert (name, sorted(aliases)) == (f"checkpoint-{conditional.run.run_id}", ["0.200kimg", "latest"])
    saved = conditional.path.parents[2] / "checkpoints" / "last.ckpt"
    assert inside["last.ckpt"].read_bytes() == saved.read_bytes()


def test_wandb_s_own_reader_says_the_same(conditional: Recorded) -> None:
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(conditional.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [line["type"] for line in lines if "type" in line]
    assert kinds.count("history") == len(conditional.rows)
    assert kinds.count("exit") == 1


@pytest.mark.slow
def test_networks_that_grow_show_each_resolution(tmp_path: Path) -> None:
    found = the_only(trained(tmp_path / "grown", "pggan", "loss=wgangp", *WORDS))
    names = {name for row in found.rows for name in row}
    assert {"samples/stage_4px", "samples/stage_8px", "progress/level", "progress/fade"} <= names
    captions = [row["samples/grid"]["captions"][0] for row in found.rows if "samples/grid" in row]
    assert captions[0] == "0.0 kimg, level 0, fade 1.00"


@pytest.mark.slow
def test_vectors_are_shown_in_a_plane(tmp_path: Path) -> None:
    found = the_only(trained(tmp_path / "ring", "mlp", "data=ring", mode="offline"))
    assert any("samples/plane" in row for row in found.rows)
    assert found.run.display_name == "ring"


@pytest.mark.slow
def test_an_evaluation_comes_back_to_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from gan_zoo.assemble.evaluating import main as evaluate

    run = trained(tmp_path / "run", "mlp", "data=ring", "data.samples=400", "data.held_out_samples=100")
    recorded(run)  # waits until W&B's process has written it
    time.sleep(1.1)  # W&B names files by the second
    evaluate([f"run={run}", "metrics=[modes_captured]", "n=100", f"out={tmp_path / 'elsewhere.json'}"])
    assert "W&B: to upload it type wandb sync" in capsys.readouterr().out
    first, second = recorded(run)
    assert second.run.run_id == first.run.run_id
    numbers = json.loads((tmp_path / "elsewhere.json").read_text())["numbers"]
    for name, record in numbers.items():
        if record["value"] is not None:
            assert second.summary[f"evaluation/{name}"] == record["value"]
    assert second.summary["collapse/diversity"] == pytest.approx(first.rows[-1]["collapse/diversity"])
    assert second.config["method"] == first.config["method"]


# Ends ----------------------------------------------------------------------------------------------------


class Stops(Exception):  # noqa: N818
    """An end that nobody foresaw."""


@pytest.mark.parametrize(
    ("error", "code"), [(Stops("a bug"), 1), (KeyboardInterrupt(), 1)], ids=["bug", "interrupted"]
)
def test_a_run_that_fails_says_so(tmp_path, monkeypatch, error, code):
    from gan_zoo.module import GANModule

    played = GANModule.training_step

    def fails(self, batch, index):
        if index == 5:
            raise error
        return played(self, batch, index)

    monkeypatch.setattr(GANModule, "training_step", fails)
    with pytest.raises((Stops, SystemExit, KeyboardInterrupt)):
        trained(tmp_path / "run", "mlp", "data=ring")
    found = the_only(tmp_path / "run")
    assert found.exit_code == code
    assert len(found.rows) >= 4
    monkeypatch.undo()


@pytest.mark.slow
def test_two_jobs_of_one_process_are_two_runs(tmp_path: Path) -> None:
    ids = set()
    for seed in (0, 1):
        found = the_only(trained(tmp_path / f"seed{seed}", "mlp", "data=ring", f"seed={seed}", "kimg=0.05"))
        assert found.config["seed"] == seed
        assert len({row["_step"] for row in found.rows}) == len(found.rows)
        ids.add(found.run.run_id)
    assert len(ids) == 2


def test_a_collapse_is_an_alert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gan_zoo.diagnosis import Diagnosis, Finding

    told = []

    def add(self, look):
        found = [] if told or look["progress/kimg"] == 0.0 else [Finding("collapse", 0.0, 0.1, "all alike")]
        told.extend(found)
        return found

    monkeypatch.setattr(Diagnosis, "add", add)
    found = the_only(trained(tmp_path / "run", "mlp", "data=ring"))
    ((title, text),) = found.alerts
    assert title == "Collapse"
    assert "all alike" in text
    assert any("alarm/collapse" in row for row in found.rows)


# Going on ------------------------------------------------------------------------------------------------


def merged(rows: list[dict]) -> dict[int, dict]:
    """Return rows by step; a step that comes twice is a failure."""
    assert len({row["_step"] for row in rows}) == len(rows)
    return {row["_step"]: row for row in rows}


def numbers(rows: list[dict]) -> dict[int, dict[str, float]]:
    kept = {
        step: {name: value for name, value in row.items() if isinstance(value, (int, float))}
        for step, row in merged(rows).items()
    }
    return {step: row for step, row in kept.items() if row}


@pytest.mark.parametrize(
    "share",
    [
        pytest.param(0.2, marks=pytest.mark.slow, id="much is lost"),
        pytest.param(0.5, marks=pytest.mark.slow, id="half is lost"),
        pytest.param(1.0, marks=pytest.mark.slow, id="nothing is lost"),
    ],
)
def test_a_resumed_run_has_every_point_once(tmp_path: Path, share: float) -> None:
    """Of the file of the killed process, only a part reached the disk."""
    whole = trained(tmp_path / "whole", "mlp", "data=ring")
    going = cut(whole, tmp_path / "going", 96)
    (file,) = files(going, read_identity(going).id)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    before = len(all_rows(going))
    time.sleep(1.1)  # W&B names files by the second
    trained(going, "mlp", "data=ring")
    first, second = recorded(going)
    assert first.run.run_id == second.run.run_id
    assert before < len(all_rows(whole)) or share == 1.0
    expected, found = numbers(all_rows(whole)), numbers(all_rows(going))
    assert found.keys() == expected.keys()
    for step, row in expected.items():
        assert {name: pytest.approx(value, nan_ok=True) for name, value in row.items()} == found[step]
    pictures = [row["_step"] for row in all_rows(going) if "samples/plane" in row]
    assert pictures == [row["_step"] for row in all_rows(whole) if "samples/plane" in row]


def test_steps_grow_where_the_run_goes_back(tmp_path: Path) -> None:
    """After a return of the guard, rows come for image counts that W&B has seen."""
    from gan_zoo.callbacks.wandb_logger import WandbRun

    logger = WandbRun(str(tmp_path))
    for images in (0, 100, 200, 100, 200, 300):
        logger.log_metrics({"value": 1.0}, step=images)
    logger.close()
    rows = the_only(tmp_path).rows
    assert [row["_step"] for row in rows] == [0, 100, 200, 201, 301, 401]
    assert [row["progress/kimg"] for row in rows] == [0.0, 0.1, 0.2, 0.1, 0.2, 0.3]
    again = WandbRun(str(tmp_path))
    again.rows = [{"step": str(images), "value": "1.0"} for images in (0, 100, 200, 100)]
    for images in (200, 300, 400):
        again.log_metrics({"value": 2.0}, step=images)
    again.close()
    steps = [row["_step"] for one in recorded(tmp_path) for row in one.rows]
    assert steps == [0, 100, 200, 201, 301, 401, 501]


# What W&B starts itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SWEEPS.glob("wandb_*.yaml")), ids=lambda path: path.stem)
def test_the_words_of_an_agent_are_ours(path: Path) -> None:
    sweep = yaml.safe_load(path.read_text())
    assert sweep["program"] == "train.py"
    assert sweep["metric"]["name"] == "collapse/energy_distance"  # which the runs above log
    command = sweep["command"]
    assert command[:3] + command[-1:] == ["${env}", "python", "${program}", "${args_no_hyphens}"]
    fixed = [word for word in command[3:-1] if not word.startswith("logger=")]
    for choose in (0, -1):
        given = {
            key: part["values"][choose] if "values" in part else (part["min"], part["max"])[choose]
            for key, part in sweep["parameters"].items()
        }
        words = translate([*fixed, *(f"{key}={value}" for key, value in given.items())])
        assert configuration(*words)


def test_the_run_that_an_agent_names_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpers.wandb_stand_in import Run

    from gan_zoo.callbacks.wandb_logger import WandbRun

    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    monkeypatch.setattr("wandb.init", lambda **settings: Run(**settings))
    assert WandbRun(str(tmp_path)).experiment
    identity = read_identity(tmp_path)
    assert (identity.id, identity.mode, identity.path) == ("abcd", "online", "somebody/gan_zoo/abcd")


def test_online_what_the_server_has_is_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpers.wandb_stand_in import Run

    from gan_zoo.callbacks.wandb_logger import WandbRun

    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    monkeypatch.setattr(Run, "starting_step", 151)
    monkeypatch.setattr("wandb.init", lambda **settings: Run(**settings))
    logger = WandbRun(str(tmp_path))
    logger.rows = [{"step": str(images), "value": "1.0"} for images in (100, 150, 200)]
    for images in (250, 300):
        logger.log_metrics({"value": 2.0}, step=images)
    assert [step for step, _ in logger.experiment.rows] == [200, 250, 300]


# The command line ----------------------------------------------------------------------------------------


def command(folder: Path, *words: str) -> list[str]:
    small = ["model=mlp", "data=ring", "trainer=cpu", "trainer.threads=1", "batch_size=16", *SMALL["mlp"]]
    return [sys.executable, str(ROOT / "train.py"), *small, "logger=wandb", f"run_dir={folder}", *words]


def bare_environment() -> dict[str, str]:
    left_out = ("WANDB_", "GAN_ZOO_", "HOME", "XDG_", "NETRC")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


@pytest.mark.slow
@pytest.mark.parametrize("home", [None, "", "missing"])
def test_without_a_home_and_without_a_network(tmp_path: Path, home: str | None) -> None:
    environment = bare_environment() | {"NETRC": str(tmp_path / "no-netrc")}
    if home is not None:
        environment["HOME"] = str(tmp_path / home) if home else ""
    done = subprocess.run(
        command(tmp_path / "run", "kimg=0.1"), env=environment, cwd=tmp_path, capture_output=True,
        text=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "wandb sync" in done.stdout
    assert the_only(tmp_path / "run").exit_code == 0
    assert list(tmp_path.glob("*~*")) == []  # a home that was not found, taken by its name


@pytest.mark.slow
def test_with_a_key_and_no_server_a_run_is_recorded_offline(tmp_path: Path) -> None:
    away = {"WANDB_API_KEY": "0" * 40, "WANDB_BASE_URL": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    done = subprocess.run(
        command(tmp_path / "run", "kimg=0.1", "logger.wandb.timeout_s=2"), env=bare_environment() | away,
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "cannot be reached" in done.stdout
    assert "wandb sync" in done.stdout
    assert [one.exit_code for one in recorded(tmp_path / "run") if one.rows] == [0]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "asked to end"])
def test_a_process_that_is_ended_goes_on_as_one_run(tmp_path: Path, number: signal.Signals) -> None:
    environment = bare_environment() | {"WANDB_MODE": "offline", "HOME": str(tmp_path)}
    words = ["kimg=1.6", "callbacks.checkpoints.every_kimg=0.2", "callbacks.vitals.every_kimg=0.05"]
    run = tmp_path / "run"
    process = subprocess.Popen(
        command(run, *words), env=environment, cwd=tmp_path, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 200
    while len(list(run.glob("checkpoints/*kimg.ckpt"))) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    if number == signal.SIGKILL:
        os.killpg(process.pid, number)  # W&B's own process, too
    else:
        process.send_signal(number)
    process.wait(60)
    time.sleep(1.1)
    again = [sys.executable, str(ROOT / "train.py"), f"resume={run}"]
    subprocess.run(again, env=environment, cwd=tmp_path, check=True, timeout=300, capture_output=True)
    first, second = recorded(run)
    assert first.run.run_id == second.run.run_id
    assert second.exit_code == 0
    if number == signal.SIGTERM:
        assert (first.exit_code, first.preempting) == (75, True)
    expected = {int(line["step"]) for line in table(run)}
    steps = [row["_step"] for row in all_rows(run)]
    assert len(steps) == len(set(steps))
    assert set(steps) >= expected
    told = {key for row in first.rows for key in row if not key.startswith("_")}
    assert told <= set(second.summary)  # also what was told once, as pictures of real data are
    shutil.rmtree(run)
