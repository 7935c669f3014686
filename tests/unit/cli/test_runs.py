"""`gan-zoo runs`: what is listed, what is refused, and that it looks again."""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gan_zoo.cli.commands import main as console
from gan_zoo.cli.runs import RunsOptions, listing, read_options
from gan_zoo.cli.runs_table import TITLES
from gan_zoo.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
NOW = 1_000_000.0
FINDING = {"kind": "partial_mode_loss", "since_kimg": 4.0, "at_kimg": 6.0, "evidence": "", "remedies": []}


def make_run(path: Path, summary: dict | None = None, rows: str = "", age_s: float = 30.0) -> Path:
    path.mkdir(parents=True)
    (path / "config.yaml").write_text("kimg: 20.0\n")
    if rows:
        (path / "metrics.csv").write_text(rows)
    if summary:
        (path / "summary.json").write_text(json.dumps(summary))
    for each in path.iterdir():
        os.utime(each, (NOW - age_s, NOW - age_s))
    return path


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "outputs"
    rows = "step,progress/kimg,collapse/modes,collapse/modes_of_data,quality/fd,generator/adversarial\n"
    rows += "1000,1.0,3,8,9.5,0.7\n12500,12.5,7,8,,0.8\n"
    make_run(folder / "running", rows=rows)
    done = {"state": "finished", "kimg": 20.0, "findings": [FINDING]}
    make_run(folder / "sweeps" / "first" / "0_loss=js", done, age_s=3 * 3600)
    broken = {"state": "failed", "kimg": 0.5, "error": "RuntimeError: a bug\nmore", "findings": []}
    make_run(folder / "broken", broken, age_s=5 * 86400)
    return folder


def test_every_run_has_a_line_with_all_that_is_known(outputs: Path) -> None:
    titles, *lines, _, total = listing(RunsOptions(), NOW).splitlines()
    assert titles.split() == list(TITLES)
    broken, running, swept = lines
    assert broken.split("  ")[0] == "outputs/broken"
    assert "failed" in broken
    assert "5 days ago" in broken
    assert broken.endswith("RuntimeError: a bug")
    assert "12.5/20" in running
    assert "30 s ago" in running
    assert "fd 9.5, modes 7/8, adversarial 0.8" in running  # the last value, also where the last row lacks it
    assert running.endswith(" -")
    assert swept.startswith("outputs/sweeps/first/0_loss=js")
    assert "3 h ago" in swept
    assert swept.endswith("partial mode loss since 4.0 kimg")
    assert total == "3 runs: 1 finished, 1 failed, 1 unfinished"


LONG = "sweeps/loss=js,lsgan,hinge_seed=0,1,2_batch_size=32_callbacks.checkpoints.every_kimg=0.2-3f2c81d4"


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_all_that_matters_fits_the_terminal(outputs: Path, width: int) -> None:
    done = {"state": "finished", "kimg": 20.0, "findings": [FINDING]}
    rows = "progress/kimg,collapse/modes,collapse/modes_of_data\n20.0,6,8\n"
    for seed in range(2):
        make_run(outputs / LONG / "loss=js,data=ring" / f"seed={seed}", done, rows)
    lines = listing(RunsOptions(), NOW, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "Below outputs:"  # once, and not in each line
    text = " ".join(" ".join(lines).split())
    for part in ("STATE", "12.5/20", "20.0/20", "modes 6/8", "unfinished", "RuntimeError: a bug"):
        assert part in text
    assert text.count("partial mode loss since 4.0 kimg") == 3
    assert all(f"seed={seed} " in text for seed in range(2))


def test_a_long_reason_does_not_hide_the_numbers(outputs: Path) -> None:
    failed = {"state": "failed", "kimg": 0.0, "error": "no room " * 100}
    make_run(outputs / "refused", failed)
    lines = listing(RunsOptions(), NOW, width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 16
    assert any("outputs" not in line and line.split()[:2] == ["refused", "failed"] for line in lines)


def test_one_sweep_stands_above_its_jobs(outputs: Path) -> None:
    for seed in range(2):
        make_run(outputs / LONG / f"seed={seed}", {"state": "finished", "kimg": 1.0})
    above, titles, first, second, *_ = listing(RunsOptions((outputs / LONG,)), NOW, width=80).splitlines()
    assert above.startswith("Below ")
    assert above.endswith("0.2-3f2c81d4:")
    assert titles.startswith("RUN ")
    assert [line.split()[0] for line in (first, second)] == ["seed=0", "seed=1"]


def test_watching_more_runs_than_rows_shows_the_newest(outputs: Path) -> None:
    for number in range(40):
        make_run(outputs / f"old{number:02d}", {"state": "finished", "kimg": 1.0}, age_s=9e5 + number)
    lines = listing(RunsOptions(watch=True), NOW, width=80, height=24).splitlines()
    assert len(lines) < 24  # so that the cursor's line scrolls nothing away
    assert lines[1].startswith("RUN")
    assert "running" in lines[3]
    hidden = 43 - sum(" ago" in line for line in lines)
    assert hidden > 20
    assert f"... and {hidden} more, which changed earlier." in lines
    assert lines[-1] == "43 runs: 41 finished, 1 failed, 1 unfinished"
    assert len(listing(RunsOptions(), NOW, width=80).splitlines()) > 43  # without --watch all of them
    assert "running" in listing(RunsOptions(watch=True), NOW, width=80, height=1)


ODD = {"findings": [{"kind": None, "since_kimg": "x"}, {"kind": [1], "since_kimg": 10**400}, {}, 7]}


@pytest.mark.parametrize("width", [None, 80])
def test_odd_files_are_no_error(outputs: Path, width: int | None) -> None:
    odd = outputs / "odd"
    make_run(odd, {"state": ["failed"], "kimg": 10**400, "error": "\n", "findings": 3})
    make_run(outputs / "odd2", {"state": "failed", "kimg": math.nan, "error": {"a": "\x1b[2J"}})
    (odd / "findings.json").write_text(json.dumps(ODD))
    (odd / "config.yaml").write_text("kimg: !!bool x\n")
    (odd / "metrics.csv").write_text("a,progress/kimg,collapse/modes,collapse/modes_of_data\n1,inf,nan,inf\n")
    text = listing(RunsOptions(), NOW, width)
    assert "?; [1]; ?" in text
    assert "\x1b" not in text
    (odd / "metrics.csv").write_text(f"a\n{'x' * 200_000}\n")
    assert "5 runs" in listing(RunsOptions(), NOW, width)


@pytest.mark.parametrize("name", ["loss=js,lsgan_seed=0,1", "every=2", "state=odd"])
def test_a_folder_may_hold_what_looks_like_an_option(
    outputs: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(outputs / name / "seed=0")
    (outputs / name).rename(name)
    for typed in (name, f"./{name}", str(Path(name).absolute())):
        assert read_options([typed]).roots == (Path(typed),)
        console(["runs", typed, "every=3"])
        assert "1 runs: 1 unfinished" in capsys.readouterr().out


def test_what_is_shown_can_be_chosen(outputs: Path) -> None:
    options = read_options(["outputs", "state=unfinished", "metrics=[generator/adversarial,quality/nothing]"])
    text = listing(options, NOW)
    assert "adversarial 0.8, nothing -" in text
    assert "1 runs: 1 unfinished" in text
    assert "No run that is preempted below outputs" in listing(read_options(["state=preempted"]), NOW)


def test_without_runs_it_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "No run below outputs. Train one" in listing(read_options([]), NOW)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nowhere", ("no folder nowhere",)),
        ("--wach", ("Unknown option '--wach'", "--watch")),
        ("evry=3", ("no folder evry=3", "no option 'evry'", "Did you mean 'every'?")),
        ("outputs/loss=js_seed=0", ("no folder outputs/loss=js_seed=0", "no option")),
        ("~nobody-has-this-name/x", ("no folder",)),
        ("--watch=3", ("Unknown option '--watch'",)),
        ("every=0", ("every=0", "from 0.1 on")),
        ("every=soon", ("every=soon", "from 0.1 on")),
        ("state=done", ("no such state", "finished")),
    ],
)
def test_mistakes_are_refused(outputs: Path, typed: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as refused:
        read_options([typed])
    for word in words:
        assert word in str(refused.value)


def test_watching_shows_it_again_until_ctrl_c(
    outputs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise KeyboardInterrupt
        make_run(outputs / "new", {"state": "finished", "kimg": 1.0})

    monkeypatch.setattr(time, "sleep", sleep)
    console(["runs", "--watch", "every=2"])
    first, _, second = capsys.readouterr().out.partition("3 runs: ")
    assert waited == [2.0, 2.0]
    assert "outputs/new" not in first
    assert "outputs/new" in second


@pytest.mark.parametrize("command", [["-m", "gan_zoo.cli"], [str(ROOT / "scripts" / "runs.py")]])
def test_it_needs_no_torch(outputs: Path, command: list[str]) -> None:
    heavy = ("torch", "numpy", "pytorch_lightning", "wandb", "matplotlib", "hydra", "rich")
    call = "from gan_zoo.cli import main; main(['runs', 'outputs'])"
    if command[0] != "-m":
        call = (
            f"import runpy; sys.argv = ['x', 'outputs']; runpy.run_path({command[0]!r}, run_name='__main__')"
        )
    program = f"import sys; sys.modules.update(dict.fromkeys({heavy!r})); {call}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3 runs: 1 finished, 1 failed, 1 unfinished" in done.stdout
