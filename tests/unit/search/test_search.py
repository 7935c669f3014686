"""The loop: what collapses is pruned, what fails has its reason, and whatever ends a search, it goes on."""

import csv
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from optuna.trial import TrialState

from gan_zoo.errors import UserError
from gan_zoo.search import main
from gan_zoo.search.main import search
from gan_zoo.search.outcome import Outcome
from gan_zoo.search.study import Memory

ROOT = Path(__file__).resolve().parents[3]
CONF = """
trials: 6
startup: 3
objectives: {collapse/energy_distance: minimize, collapse/coverage: maximize}
overrides: [guard=stop]
"""


def tried(plan) -> list[dict]:
    return [trial.params for trial in Memory(plan).trials()]


def test_a_search_ends_with_its_best_and_what_to_type(plan, capsys: pytest.CaptureFixture[str]) -> None:
    asked = plan("loss=hinge,lsgan", "search.trials=8", "model=mlp")
    assert search(asked) == 0
    trials = Memory(asked).trials()
    assert len(trials) == 8
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert all(trial.params["optimizer.lr"] <= 0.1 for trial in complete)
    best = min(complete, key=lambda trial: trial.values[0])
    said = capsys.readouterr().out
    assert f"python train.py guard=stop model=mlp optimizer.lr={best.params['optimizer.lr']!r} loss=" in said
    assert "[8/8] trial" in said
    table = list(csv.DictReader((asked.out / "search.csv").read_text().splitlines()))
    assert [row["trial"] for row in table if row["best"] == "True"] == [str(best.number)]


def test_the_last_values_are_averaged(plan) -> None:
    asked = plan("search.trials=1", "optimizer.lr=interval(0.01,0.010001)")
    search(asked)
    distance, coverage = Memory(asked).trials()[0].values
    assert distance == pytest.approx(0.0, abs=1e-3)  # of .5, 0 and -.5
    assert coverage == 0.5


def test_what_collapses_is_pruned_and_what_fails_says_why(plan, capsys: pytest.CaptureFixture[str]) -> None:
    collapsing = plan("search.trials=2", "optimizer.lr=interval(0.5,1)", out="a")
    assert search(collapsing) == 1
    assert {trial.state for trial in Memory(collapsing).trials()} == {TrialState.PRUNED}
    assert "collapse since 0.4 kimg: all alike" in capsys.readouterr().out
    refused = plan("search.trials=1", "loss=js", "optimizer.lr=interval(0.01,0.02)", out="b")
    assert search(refused) == 1
    assert "js is refused here. Type loss=hinge" in capsys.readouterr().out
    dying = plan("search.trials=2", "seed=666", "optimizer.lr=interval(0.01,0.02)", out="c")
    assert search(dying) == 1
    said = capsys.readouterr().out
    assert "it left with exit code -9, and said: a run" in said
    assert "No trial is complete" in said


@pytest.mark.slow
def test_a_search_that_was_stopped_tries_what_it_would_have_tried(plan) -> None:
    whole, parts = plan("search.trials=6", out="whole"), plan("search.trials=4", out="parts")
    search(whole)
    search(parts)
    search(plan("search.trials=6", out="parts"))
    assert tried(plan("search.trials=6", out="parts")) == tried(whole)
    assert tried(plan("search.seed=1", "search.trials=6", out="other")) == []


@pytest.mark.slow
def test_several_runs_at_once(plan) -> None:
    asked = plan("search.trials=5", "search.jobs=3")
    assert search(asked) == 0
    assert len(tried(asked)) == 5
    folders = sorted(path.name for path in (asked.out / "trials").iterdir() if path.is_dir())
    assert folders == ["0000", "0001", "0002", "0003", "0004"]


def test_an_objective_that_does_not_exist_ends_the_search_with_a_hint(plan) -> None:
    asked = plan("search.objectives={collapse/coverag: maximize}", "optimizer.lr=interval(0.01,0.02)")
    with pytest.raises(UserError, match="Did you mean 'collapse/coverage'"):
        search(asked)


def test_a_folder_with_another_search_is_refused(plan) -> None:
    search(plan("search.trials=1"))
    with pytest.raises(UserError, match="differs in: overrides, space"):
        search(plan("search.trials=1", "loss=hinge,lsgan", "kimg=3"))
    with main._alone(plan("search.trials=1")), pytest.raises(UserError, match="going on already"):
        search(plan("search.trials=1"))


def test_a_run_that_finished_unnoticed_is_not_trained_again(plan) -> None:
    near = "optimizer.lr=interval(0.01,0.02)"
    asked = plan("search.trials=2", near)
    search(asked)
    memory = Memory(plan("search.trials=3", near))
    lost = memory.ask()
    folder = asked.out / "trials" / "0002"
    folder.mkdir()
    for file in ("summary.json", "metrics.csv", "config.yaml"):
        (folder / file).write_text((folder.with_name("0000") / file).read_text())
    assert search(plan("search.trials=3", near)) == 0
    assert not (folder / "calls.txt").exists()
    assert Memory(plan(near)).trials()[lost.number].state == TrialState.COMPLETE


SEARCH = """
import sys
from pathlib import Path
from gan_zoo.errors import UserError
from gan_zoo.search import running
from gan_zoo.search.main import search
from gan_zoo.search.plan import read_plan
running.PROGRAM = {program!r}
sys.exit(search(read_plan("mine", {conf!r}, {words!r})))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_an_interrupted_search_saves_its_runs_and_goes_on(plan, tmp_path: Path, how: signal.Signals) -> None:
    """The run ends by itself, saved, also where the search told it nothing; then the same run goes on."""
    from gan_zoo.search import running

    words = ["seed=5", "search.trials=2", "optimizer.lr=interval(0.01,0.02)"]
    out = tmp_path / "search"
    searched = ["optimizer.lr=tag(log,interval(1e-4,1))", f"search.out='{out}'", *words]
    text = SEARCH.format(program=running.PROGRAM, conf=CONF, words=searched)
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(out / "trials" / "0000" / "waits")
    os.kill(process.pid, how)
    said = process.communicate(timeout=60)[0]
    wait_for(out / "trials" / "0000" / "summary.json")
    assert "preempted" in (out / "trials" / "0000" / "summary.json").read_text()
    assert process.returncode == (130 if how == signal.SIGINT else -how)
    assert how != signal.SIGINT or "The same command goes on from here." in said
    assert search(plan(*words)) == 0
    calls = (out / "trials" / "0000" / "calls.txt").read_text().splitlines()
    assert len(calls) == 2
    assert calls[0] == calls[1]
    assert calls[0].endswith("resume=auto")
    assert [trial.state for trial in Memory(plan(*words)).trials()] == [TrialState.COMPLETE] * 2


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, path
        time.sleep(0.05)


def test_a_single_objective_has_one_best(plan, capsys: pytest.CaptureFixture[str]) -> None:
    asked = plan(
        "search.objectives={collapse/energy_distance: minimize}", "search.sampler=random", "search.trials=4"
    )
    memory = Memory(asked)
    for value in (3.0, 1.0, 2.0, 4.0):
        memory.tell(memory.ask(), Outcome("complete", (value,)))
    assert [trial.number for trial in memory.best()] == [1]
    assert search(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:5]] == ["1", "2", "0", "3"]
