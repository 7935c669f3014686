"""The order of jobs: real data, tuning, the reported runs; finished ones are kept, failed ones listed."""

import json
from pathlib import Path

import pytest
from helpers.benchmarks import Inline, make_score, make_setting

from gan_zoo.benchmark.compare import Results, compare
from gan_zoo.benchmark.options import Options
from gan_zoo.benchmark.plan import Job
from gan_zoo.benchmark.suites import REAL, SUITES, TUNING_SEEDS
from gan_zoo.benchmark.work import SCORE, Failed


def planned() -> list[Results]:
    return [Results(SUITES["ring"], [make_setting("js"), make_setting("best")])]


def scored(job: Job) -> dict:
    """Return and write a score; the higher rate is better for js, the lower one for best."""
    better = 3e-3 if job.method == "js" else 1e-3
    score = make_score(job.method, job.seed, 8 if job.rate == better else 5, job.rate)
    job.folder.mkdir(parents=True)
    (job.folder / SCORE).write_text(json.dumps(score))
    return score


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(("ring",), ("js", "best"), seeds=(0, 1), out=tmp_path)


def test_rates_are_chosen_on_tuning_seeds_and_reported_on_others(options: Options) -> None:
    results, pool, reports = planned(), Inline(scored), []
    compare(results, options, pool, lambda: reports.append(len(results[0].reported)))
    assert results[0].chosen == {"js": 3e-3, "best": 1e-3}
    assert [job.method for job in pool.done[:1]] == [REAL]
    assert {job.seed for job in pool.done if job.tuning} == set(TUNING_SEEDS)
    assert {(s["method"], s["seed"]) for s in results[0].reported} == {
        *((method, seed) for method in ("js", "best") for seed in (0, 1))
    }
    assert all(s["learning_rate"] == results[0].chosen[s["method"]] for s in results[0].reported)
    assert reports == [4]


def test_finished_runs_are_kept(options: Options) -> None:
    compare(planned(), options, Inline(scored))
    results, pool = planned(), Inline(scored)
    compare(results, options, pool)
    assert pool.done == []
    assert len(results[0].reported) == 4
    assert len(results[0].tuning) == 4
    assert results[0].real is not None


def test_a_score_that_cannot_be_read_is_made_again(options: Options) -> None:
    first = Inline(scored)
    compare(planned(), options, first)
    broken = next(job for job in first.done if not job.tuning and job.method == "js")
    (broken.folder / SCORE).write_text("{")
    again = Inline(lambda job: make_score(job.method, job.seed))
    compare(planned(), options, again)
    assert [job.folder for job in again.done] == [broken.folder]


def test_failed_runs_are_listed_and_stop_nothing(options: Options) -> None:
    def task(job: Job) -> object:
        if job.method == "best" and job.seed == 1:
            return Failed("it diverged")
        return RuntimeError("its process died") if job.method == REAL else scored(job)

    results = planned()
    compare(results, options, Inline(task))
    assert {(job.name, why) for job, why in results[0].failed} == {
        ("ring, best, rate 0.001, seed 1", "it diverged"),
        ("ring, real data", "its process died"),
    }
    assert len(results[0].reported) == 3


def test_a_method_whose_tuning_fails_is_not_reported(options: Options) -> None:
    results = planned()
    pool = Inline(lambda job: Failed("no") if job.method == "best" else scored(job))
    compare(results, options, pool)
    assert results[0].chosen == {"js": 3e-3}
    assert not [job for job in pool.done if job.method == "best" and not job.tuning]


def test_seeds_and_rates_have_folders_of_their_own(options: Options) -> None:
    pool = Inline(scored)
    compare(planned(), options, pool)
    assert len({job.folder for job in pool.done}) == len(pool.done)
    for job in pool.done[1:]:
        assert f"seed={job.seed}" in job.overrides
        assert f"optimizer.lr={job.rate!r}" in job.overrides
