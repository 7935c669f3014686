"""What a job leaves that was refused, or that died before it could write its summary."""

import json
import re
from pathlib import Path

import pytest

from gan_zoo.cli.runs import RunsOptions, listing
from gan_zoo.config.started import is_finished
from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, REFUSED, Job
from gan_zoo.sweep.launcher import _complaint
from gan_zoo.sweep.local import LocalLauncher
from gan_zoo.sweep.lock import only_here
from gan_zoo.sweep.note import leave_note

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "summary.md"
STARTED = "overrides: [loss=js]\nasked:\n  kimg: 3\n  guard: warn\n  data: {name: ring}\n"


def begun(folder: Path, state: str = REFUSED, reason: str = "no such mode.\nType another") -> Job:
    run = folder / "loss=js" / "seed=2"
    run.mkdir(parents=True)
    (run / "started.yaml").write_text(STARTED)
    job = Job(4, "loss=js/seed=2", run, "loss=js", 2, ("loss=js", "seed=2", "data.path=a b"))
    job.end(state, reason)
    return job


def test_the_reason_is_seen_in_the_folder(tmp_path: Path) -> None:
    job = begun(tmp_path)
    assert leave_note(job, "python train.py")
    summary = RunFiles(job.folder).summary
    assert summary is not None
    tables = DOCUMENT.read_text(encoding="utf-8").split("`data` holds:")
    whole, data = (re.findall(r"^\| `(\w+)` \|", each, re.MULTILINE) for each in tables)
    assert list(summary) == whole
    assert list(summary["data"]) == data
    assert (summary["state"], summary["error"]) == ("failed", "no such mode. Type another")
    assert (summary["seed"], summary["kimg"], summary["guard"]["mode"]) == (2, 0.0, "warn")
    assert summary["command"] == "python train.py loss=js seed=2 'data.path=a b'"
    text = listing(RunsOptions((tmp_path,), state="failed"), 0.0, 80)
    assert "0.0/3" in text
    assert "no such mode. Type another" in text
    assert "no such mode" in (job.folder / "report.html").read_text(encoding="utf-8")
    assert not is_finished(job.folder)  # so the same command tries it again
    assert {path.name for path in job.folder.iterdir()} == {"started.yaml", "summary.json", "report.html"}


def test_the_next_try_has_its_own_reason(tmp_path: Path) -> None:
    job = begun(tmp_path)
    leave_note(job, "python train.py")
    job.end(FAILED, "was killed by SIGKILL (out of memory?)")
    assert leave_note(job, "gan-zoo train")
    summary = RunFiles(job.folder).summary or {}
    assert summary["error"].startswith("was killed")
    assert summary["command"].startswith("gan-zoo train")


def test_a_job_that_was_killed_keeps_what_is_known(tmp_path: Path) -> None:
    job = begun(tmp_path, FAILED, "was killed by SIGKILL (out of memory?)")
    earlier = {"state": "preempted", "kimg": 1.0, "device": "cpu", "error": "SIGTERM", "losses": {"a/b": 1.0}}
    (job.folder / "summary.json").write_text(json.dumps(earlier))
    (job.folder / "metrics.csv").write_text("step,progress/kimg\n1500,1.5\n")
    assert leave_note(job, "python train.py")
    run = RunFiles(job.folder)
    assert run.summary is not None
    assert (run.state, run.kimg, run.summary["device"], run.summary["losses"]) == (
        "failed",
        1.5,
        "cpu",
        {"a/b": 1.0},
    )
    assert run.summary["files"] == {"metrics": "metrics.csv"}


@pytest.mark.parametrize("state", ["failed", "preempted", "finished", "stopped"])
def test_what_a_run_has_written_stays(tmp_path: Path, state: str) -> None:
    job = begun(tmp_path)
    text = json.dumps({"state": state, "kimg": 1.0, "device": "cpu"})
    (job.folder / "summary.json").write_text(text)
    assert not leave_note(job, "python train.py")
    assert (job.folder / "summary.json").read_text() == text


def test_nothing_is_left_where_nothing_was_begun(tmp_path: Path) -> None:
    job = Job(0, "seed=x", tmp_path / "seed=x", "js", 0, ("seed=x",))
    job.end(REFUSED, "no number")
    assert not leave_note(job, "python train.py")
    assert list(tmp_path.iterdir()) == []
    for state in (PREEMPTED, FINISHED):
        assert not leave_note(begun(tmp_path / state, state), "python train.py")


def test_a_report_that_is_not_wanted_is_not_written(tmp_path: Path) -> None:
    job = begun(tmp_path)
    job.words = (*job.words, "callbacks.report=null")
    assert leave_note(job, "python train.py")
    assert not (job.folder / "report.html").exists()


def test_the_launcher_leaves_it_at_once_but_not_where_another_process_trains(tmp_path: Path) -> None:
    job = begun(tmp_path)
    launcher = LocalLauncher()
    launcher.jobs, launcher.sweep_dir, launcher._noted = [job], tmp_path, set()
    with only_here(launcher.lock_of(job), 0.0):
        launcher.progress()
        assert not (job.folder / "summary.json").exists()
    launcher._noted.clear()
    launcher.progress()
    assert RunFiles(job.folder).state == "failed"


def test_complaints_say_what_differs(tmp_path: Path) -> None:
    jobs = [
        Job(n, f"loss={loss}", tmp_path, loss, 0, ("data=ring", f"loss={loss}", "kimg=3"))
        for n, loss in enumerate(("js", "hinge"))
    ]
    jobs[0].end(FAILED, "a bug")
    jobs[1].end(PREEMPTED)
    assert _complaint(jobs[0], jobs) == "error: run 0 (loss=js): a bug"
    assert _complaint(jobs[1], jobs) == (
        "run 1 (loss=hinge) was not finished; the same command goes on with it."
    )
    assert "run 0 (data=ring,kimg=3,loss=js)" in _complaint(jobs[0], jobs[:1])
