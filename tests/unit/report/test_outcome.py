"""Jobs of a sweep that were refused, and runs that were asked to end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gan_zoo.report import write_comparison, write_report
from gan_zoo.report.comparison import Comparison
from gan_zoo.report.groups import seed_of
from gan_zoo.report.outcome import Outcomes, is_saved
from gan_zoo.run_files import RunFiles

Make = Callable[..., RunFiles]
REASON = "optimizer 'adam': lr: expected a number in (0, inf), got -1."


def refused(path: Path, typed_seed: int, **asked: Any) -> RunFiles:
    """Make the folder of a job that was refused: only its beginning is in it."""
    path.mkdir(parents=True)
    content = {"overrides": ["loss=js", "optimizer.lr=-1", f"seed={typed_seed}"], "asked": asked}
    (path / "started.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return RunFiles(path)


def record(folder: Path, **states: str) -> None:
    """Write the record of a sweep, with a state for each job; `__` stands for a slash."""
    jobs = [
        {"folder": name.replace("__", "/"), "state": state, "reason": REASON, "seed": 0}
        for name, state in states.items()
    ]
    (folder / "sweep.json").write_text(json.dumps({"jobs": jobs}), encoding="utf-8")


@pytest.fixture
def sweep(make_run: Make, tmp_path: Path) -> list[RunFiles]:
    """A method that was refused with both of its seeds, beside one that finished."""
    finished = [make_run(f"js/seed={seed}", "loss=js", seed=seed) for seed in (0, 1)]
    jobs = [refused(tmp_path / "bad" / f"seed{seed}", seed, lr=-1) for seed in (0, 1)]
    record(tmp_path, bad__seed0="refused", bad__seed1="refused")
    return [*finished, *jobs]


def test_a_refused_job_is_told_with_its_reason_and_seed(sweep: list[RunFiles], tmp_path: Path) -> None:
    contents = Comparison(sweep, tmp_path).contents()
    assert contents["states"] == {"finished": 2, "refused": 2}
    (failed,) = contents["failed"]
    assert (failed["state"], failed["reason"]) == ("refused", REASON)
    assert [run["seed"] for run in failed["runs"]] == [0, 1]
    assert [run["resume"] for run in failed["runs"]] == [None, None]
    source = write_comparison(sweep, tmp_path / "page.html").read_text(encoding="utf-8")
    for wrong in ("resume=", "None", "it was killed", "learned from different data"):
        assert wrong not in source
    assert "Nothing was saved. To start it again once the cause is mended:" in source


def test_the_report_of_a_refused_job_says_so(sweep: list[RunFiles]) -> None:
    source = write_report(sweep[-1]).read_text(encoding="utf-8")
    assert "expected a number in (0, inf), got -1." in source
    assert "resume=" not in source


@pytest.mark.parametrize("state", ["finished", "running", "waiting", "preempted"])
def test_a_job_that_was_not_refused_may_still_run(tmp_path: Path, state: str) -> None:
    run = refused(tmp_path / "a", 0)
    record(tmp_path, a=state)
    assert Outcomes().of(run).state == "unfinished"


def test_what_a_run_says_itself_comes_first(make_run: Make, tmp_path: Path) -> None:
    run = make_run("a", state="failed", error="OSError: gone")
    record(tmp_path, a="refused")
    outcome = Outcomes().of(run)
    assert (outcome.state, outcome.reason) == ("failed", "OSError: gone")


def test_a_folder_with_nothing_in_it_may_have_been_refused(tmp_path: Path, make_run: Make) -> None:
    assert "was refused or killed before its first step" in Outcomes().of(refused(tmp_path / "a", 0)).reason
    run = make_run("b", leave_out=("summary.json",))
    assert Outcomes().of(run).reason.startswith("There is no summary")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"jobs": [1]}', '{"jobs": [{"state": "failed"}]}'])
def test_a_torn_record_is_no_error(tmp_path: Path, text: str) -> None:
    run = refused(tmp_path / "a", 0)
    (tmp_path / "sweep.json").write_text(text, encoding="utf-8")
    assert Outcomes().of(run).state == "unfinished"


def test_a_seed_is_that_which_was_typed_where_nothing_else_tells_it(tmp_path: Path) -> None:
    assert seed_of(refused(tmp_path / "typed", 7)) == 7
    assert seed_of(refused(tmp_path / "asked", 7, seed=8)) == 8


def test_only_what_was_saved_goes_on(make_run: Make, tmp_path: Path) -> None:
    runs = [make_run("a", state="failed", error="no"), make_run("b", "data=grid", state="failed", error="no")]
    (runs[1].path / "checkpoints" / "last.ckpt").unlink()
    assert [is_saved(run) for run in runs] == [True, False]
    failed = Comparison(runs, tmp_path).contents()["failed"]
    told = {run["name"]: run["resume"] for each in failed for run in each["runs"]}
    assert told["a"].startswith("python train.py resume=")
    assert told["b"] is None


def test_a_run_that_was_asked_to_end_has_no_error(make_run: Make, tmp_path: Path) -> None:
    runs = [make_run(name, state="preempted", error="SIGTERM") for name in "ab"]
    source = write_report(runs[0]).read_text(encoding="utf-8")
    assert '<div class="error">' not in source
    head = source.partition("<nav")[0].partition("<header>")[2]
    for words in ("asked to end", "saved itself", "SIGTERM", f"resume={runs[0].path}"):
        assert words in head
    (failed,) = Comparison(runs, tmp_path).contents()["failed"]
    assert "was asked to end" in failed["reason"]
