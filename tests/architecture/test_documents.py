"""What the documents say is so: tables are current, links lead somewhere, commands and code run."""

import importlib
import importlib.util
import json
import os
import re
import runpy
import shlex
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers.documents import DOCUMENTS, ROOT, anchors, blocks, commands, links, name
from PIL import Image

from gan_zoo.assemble.parts import REGISTRIES
from gan_zoo.cli import main as console
from gan_zoo.cli.search import check, read

README = ROOT / "README.md"
TINY = {"kimg": "0.2", "batch_size": "8"}
TINY_SWEEP = {"kimg": "0.016", "batch_size": "8"}
DOWNLOADS = {"mnist", "fashion_mnist", "stacked_mnist", "cifar10", "celeba", "lsun"}
PRESETS_WITHOUT_DOWNLOAD = ("unrolled_ring", "pacgan_ring", "pacgan_grid")
NOT_RUN = {"scripts/pin.py": "it asks the package registry"}
COMMANDS = commands()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in links(path):
        file, _, anchor = target.partition("#")
        place = (path.parent / file.replace("\\", "")).resolve() if file else path
        assert place.exists(), f"{name(path)} links to {target}"
        assert not anchor or anchor in anchors(place), f"{name(path)} links to {target}"


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_table_of_the_zoo_is_current() -> None:
    spec = importlib.util.spec_from_file_location("zoo_script", ROOT / "scripts" / "zoo.py")
    zoo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(zoo)
    shown = README.read_text(encoding="utf-8").partition(zoo.BEGIN)[2].partition(zoo.END)[0]
    assert shown.strip() == zoo.table(), "type: python scripts/zoo.py --write"


def test_quoted_code_is_what_the_file_says() -> None:
    quotes = [block for block in blocks("python") if block.taken_from]
    assert quotes
    for block in quotes:
        quoted = block.text.partition("\n")[2]
        assert quoted in (ROOT / block.taken_from).read_text(encoding="utf-8"), block.taken_from


def test_every_check_of_preflight_stands_in_the_recipes() -> None:
    recipes = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    files = (ROOT / "gan_zoo" / "preflight").glob("*.py")
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    marks = set()
    for listed in re.findall(r'"""\[(R\d\d[^\]]*)\]', sources):
        numbers = [int(number) for number in re.findall(r"\d+", listed)]
        marks |= set(range(numbers[0], numbers[-1] + 1)) if "-" in listed else set(numbers)
    assert marks
    for mark in marks:
        assert f"| [R{mark:02d}] |" in recipes


def test_every_preset_stands_in_the_recipes() -> None:
    recipes = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    for path in (ROOT / "conf" / "experiment").glob("*.yaml"):
        assert f"`{path.stem}`" in recipes


def test_the_commands_are_found() -> None:
    assert len(COMMANDS) > 25
    assert any(command.startswith("uv run train.py") for command in COMMANDS)


# What runs ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a reader has: scripts, pictures, the files that the documents show, a run."""
    folder = tmp_path_factory.mktemp("workplace")
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    for file in ("train.py", "README.md"):
        shutil.copy(ROOT / file, folder)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    with zipfile.ZipFile(folder / "pictures.zip", "w") as archive:
        for index, image in enumerate(pixels):
            path = folder / "pictures" / ("cat", "dog")[index % 2] / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
            archive.write(path, path.relative_to(folder))
    for block in [*blocks("python"), *blocks("yaml")]:
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        enter(folder, patch)
        run(["python", "train.py", *tiny(["model=acgan", "run_dir=outputs/mine"])], patch)
    return folder


@pytest.fixture
def inside(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workplace as working directory; parts and modules of the documents are forgotten afterwards."""
    enter(workplace, monkeypatch)
    monkeypatch.setattr("gan_zoo.cli.search_path._folders", [])
    for registry in REGISTRIES.values():
        monkeypatch.setattr(registry, "_parts", dict(registry._parts))
    modules = set(sys.modules)
    yield workplace
    for module in set(sys.modules) - modules:
        if module.startswith("my_"):
            del sys.modules[module]


def enter(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.chdir(folder)
    patch.setattr(sys, "path", [*sys.path])
    patch.setenv("GAN_ZOO_CACHE", str(folder / "cache"))  # of the classifiers that tell classes apart
    for variable in ("HYDRA_FULL_ERROR", "PL_GLOBAL_SEED", "PL_SEED_WORKERS"):
        patch.setenv(variable, os.environ.get(variable, "1" if variable == "HYDRA_FULL_ERROR" else "0"))


def run(command: list[str], patch: pytest.MonkeyPatch) -> None:
    """Run a command in this process; its failure is the test's."""
    patch.setattr(sys, "argv", [command[1], *command[2:]])
    code = None
    try:
        if command[0] == "gan-zoo":
            console(command[1:])
        else:
            runpy.run_path(command[1], run_name="__main__")
    except SystemExit as leaving:
        code = leaving.code
    assert code in (0, None), f"{shlex.join(command)} left with {code}"


def tiny(arguments: list[str], run_dir: Path | None = None) -> list[str]:
    """Return the arguments of a training run with a budget of seconds, in a folder of its own."""
    sweep = bool({"-m", "--multirun"} & set(arguments))
    budget = TINY_SWEEP if sweep else TINY
    place = {} if run_dir is None else {"hydra.sweep.dir" if sweep else "run_dir": str(run_dir)}
    replaced = {**budget, **place}
    resumed = [argument for argument in arguments if argument.startswith("resume=outputs/")]
    if resumed:  # a little more than the run in that folder has seen
        summary = json.loads((Path(resumed[0].removeprefix("resume=")) / "summary.json").read_text())
        replaced = {"kimg": f"{summary['kimg'] + 0.1:g}"}
    kept = [argument for argument in arguments if argument.partition("=")[0] not in replaced]
    return [*kept, *(f"{key}={value}" for key, value in replaced.items())]


def tiny_benchmark(arguments: list[str], out: Path) -> list[str]:
    """Return the arguments of a benchmark of one method and a few steps; help where data must be fetched."""
    if "suite=stacked_mnist" in arguments:
        return ["--help"]
    replaced = {"methods": "[js]", "seeds": "[0]", "budget": "0.001", "jobs": "1", "out": str(out)}
    kept = [argument for argument in arguments if argument.partition("=")[0] not in (*replaced, "docs")]
    return [*kept, *(f"{key}={value}" for key, value in replaced.items())]


def needs_more(arguments: list[str]) -> bool:
    """Say whether a run needs data, hardware or an account that is not there."""
    given = dict(argument.partition("=")[::2] for argument in arguments)
    return (
        not DOWNLOADS.isdisjoint((given.get("data"), given.get("benchmark")))
        or given.get("experiment", PRESETS_WITHOUT_DOWNLOAD[0]) not in PRESETS_WITHOUT_DOWNLOAD
        or given.get("trainer") in ("gpu", "mps")
        or given.get("logger") in ("wandb", "tensorboard")
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(
    command: str,
    inside: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = shlex.split(command.replace("uv run ", "python "))
    if words[1] in NOT_RUN:
        assert (ROOT / words[1]).is_file()
        return
    if words[1] in ("scripts/search.py", "search") and "--help" not in words:
        check(read(words[2:]))  # composes every choice; trials take minutes
        return
    if words[1] == "scripts/benchmark_step.py":
        words = [*words[:2], "mlp", "--steps", "2", "--rounds", "1"]
    if words[1] == "scripts/benchmark_metrics.py":
        words = [*words[:2], "--tiny", "--rounds", "1"]
    if words[1] == "scripts/collapse_benchmark.py":
        words = [*words[:2], *tiny_benchmark(words[2:], tmp_path / "benchmark")]
    if words[1] == "scripts/prove_alarm.py":
        tiny_proof = ["--cases", "grid-js-rmsprop-hot", "--seeds", "0", "--out", str(tmp_path / "alarm")]
        words = [*words[:3], *tiny_proof]
    trains = words[1] in ("train.py", "train")
    looks = bool({"--help", "--cfg"} & set(words))
    if "-m" in words:  # a sweep cannot be shown with --cfg
        words = [word for word in words if word != "logger=wandb"]
    if trains and needs_more(words[2:]):
        words += ["--cfg", "job"]
    elif trains and not looks:
        words = [*words[:2], *tiny(words[2:], tmp_path / "run")]
    if words[1] in ("scripts/sample.py", "sample"):
        words += ["overwrite=true"]
    run(words, monkeypatch)
    assert capsys.readouterr().out
    if trains and words[-1].startswith(("run_dir", "hydra.sweep.dir")):
        summaries = [json.loads(path.read_text()) for path in (tmp_path / "run").rglob("summary.json")]
        assert summaries
        assert all(summary["state"] == "finished" for summary in summaries)
        assert all(value is not None for summary in summaries for value in summary["losses"].values())


@pytest.mark.slow
@pytest.mark.parametrize("block", [b for b in blocks("python") if not b.taken_from], ids=lambda b: b.document)
def test_every_python_block_runs(block, inside: Path) -> None:
    if block.file:
        module = block.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.path.append(str(inside))
        importlib.import_module(module)
    else:
        exec(compile(block.text, block.document, "exec"), {"__name__": "document"})  # noqa: S102


@pytest.mark.slow
def test_the_keys_of_the_summary_are_documented(workplace: Path) -> None:
    summary = json.loads((workplace / "outputs" / "mine" / "summary.json").read_text())
    text = (ROOT / "docs" / "summary.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == [*summary, *summary["data"]]
