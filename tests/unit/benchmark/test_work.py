"""What a worker does: trains only what is not finished, and says why a run failed."""

import json
import sys
from pathlib import Path

import pytest
from helpers.benchmarks import make_setting

from gan_zoo.benchmark import score
from gan_zoo.benchmark.plan import Job, tuning_jobs
from gan_zoo.benchmark.work import SCORE, Failed, do, read_score, reason


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return tuning_jobs([make_setting("js")], tmp_path)[0]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "score_run", lambda job, suite: {"figures": {"modes": 3}})


def trains(job: Job, state: str = "finished"):
    """Return a stand-in for `train.py` that leaves a run directory."""
    typed: list[list[str]] = []

    def train(arguments: list[str]) -> None:
        typed.append(arguments)
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / "summary.json").write_text(json.dumps({"state": state}))

    return train, typed


@pytest.mark.usefixtures("judged")
def test_a_run_is_trained_by_multirun_and_scored(job: Job) -> None:
    train, typed = trains(job)
    assert do(train, job) == {"figures": {"modes": 3}}
    assert typed[0][0] == "-m"
    assert {"benchmark=ring", "seed=100", "optimizer.lr=0.001"} < set(typed[0])
    assert read_score(job) == {"figures": {"modes": 3}}
    assert [path.name for path in job.folder.parent.iterdir()] == [job.folder.name]


@pytest.mark.usefixtures("judged")
def test_a_finished_run_without_score_is_only_scored(job: Job) -> None:
    job.folder.mkdir(parents=True)
    (job.folder / "summary.json").write_text('{"state": "finished"}')
    train, typed = trains(job)
    assert do(train, job) == {"figures": {"modes": 3}}
    assert typed == []


@pytest.mark.usefixtures("judged")
@pytest.mark.parametrize(
    ("begun", "state", "kept"),
    [(False, None, False), (True, None, True), (True, "preempted", True), (True, "failed", False)],
)
def test_an_interrupted_run_goes_on_and_a_failed_one_is_repeated(
    job: Job, begun: bool, state: str | None, kept: bool
) -> None:
    job.folder.mkdir(parents=True)
    (job.folder / "half").write_text("")
    if begun:
        (job.folder / "started.yaml").write_text("")
    if state:
        (job.folder / "summary.json").write_text(json.dumps({"state": state}))
    train, typed = trains(job)
    assert do(train, job) == {"figures": {"modes": 3}}
    assert len(typed) == 1
    assert (job.folder / "half").exists() == kept


@pytest.mark.usefixtures("judged")
def test_a_run_that_cannot_go_on_is_repeated_once(job: Job) -> None:
    """Its checkpoint is damaged, for one."""
    job.folder.mkdir(parents=True)
    (job.folder / "started.yaml").write_text("")
    (job.folder / "summary.json").write_text('{"state": "preempted"}')
    anew, typed = trains(job)

    def train(arguments: list[str]) -> None:
        if (job.folder / "started.yaml").exists():
            print("error: run 0 (seed=100): last.ckpt is damaged", file=sys.stderr)
            sys.exit(2)
        anew(arguments)

    assert do(train, job) == {"figures": {"modes": 3}}
    assert len(typed) == 1


def test_a_run_that_is_asked_to_end_again_keeps_what_it_has(job: Job) -> None:
    job.folder.mkdir(parents=True)
    (job.folder / "started.yaml").write_text("")

    def train(arguments: list[str]) -> None:
        sys.exit(143)

    assert isinstance(do(train, job), Failed)
    assert (job.folder / "started.yaml").exists()


def test_a_refused_run_says_why_and_leaves_its_log(job: Job) -> None:
    def train(arguments: list[str]) -> None:
        print("notes")
        print("error: run 0 (seed=100): too large.\n  Type batch_size=8", file=sys.stderr)
        sys.exit(2)

    found = do(train, job)
    assert found == Failed("too large. Type batch_size=8", refused=True)
    assert not (job.folder / SCORE).exists()
    assert "notes" in next(job.folder.parent.glob("*.log.txt")).read_text()


def test_a_run_that_ends_early_is_a_failure(job: Job) -> None:
    train, _ = trains(job, state="stopped")
    assert isinstance(do(train, job), Failed)


@pytest.mark.parametrize(
    ("log", "code", "expected"),
    [
        (
            "error: run 0 (a=1): \nTraceback\n  File x\nRuntimeError: no memory\n",
            1,
            "RuntimeError: no memory",
        ),
        ("", 1, "it left with exit code 1 and said nothing"),
        ("x" * 400, 1, "x" * 299 + "…"),
    ],
)
def test_reasons_are_one_line(log: str, code: int, expected: str) -> None:
    assert reason(log, code) == expected


def test_a_damaged_score_counts_as_none(job: Job) -> None:
    job.folder.mkdir(parents=True)
    for text in ("", "{", "[]", "{}"):
        (job.folder / SCORE).write_text(text)
        assert read_score(job) is None
