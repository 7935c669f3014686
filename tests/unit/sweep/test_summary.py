"""What is written about a sweep: means and spreads over seeds, and what failed."""

import csv
import json
import math
from pathlib import Path

from gan_zoo.sweep.job import FAILED, FINISHED, PREEMPTED, REFUSED, Job
from gan_zoo.sweep.summary import content, metrics_of, write

ABOUT = {"name": "mine", "command": "python train.py -m seed=0,1", "launcher": "local"}


def ended(folder: Path, method: str, seed: int, **values: float) -> Job:
    name = f"{method}/seed={seed}"
    run = folder / name
    run.mkdir(parents=True)
    names = ["step", "progress/kimg", *values]
    rows = [names, ["10", "0.01", *["0.0"] * len(values)], ["20", "0.02", *map(str, values.values())]]
    (run / "metrics.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")
    job = Job(seed, name, run, method, seed, (f"loss={method}", f"seed={seed}"))
    job.end(FINISHED)
    return job


def test_mean_and_spread_are_over_the_seeds_that_ended(tmp_path: Path) -> None:
    jobs = [ended(tmp_path, "js", seed, **{"quality/x": value}) for seed, value in enumerate((1.0, 2.0, 6.0))]
    failed = Job(3, "js/seed=3", tmp_path / "js" / "seed=3", "js", 3, ("seed=3",))
    failed.end(FAILED, "RuntimeError: a |\nbug")
    found = content([*jobs, failed], tmp_path, ABOUT)
    (method,) = found["methods"]
    assert (method["seeds"], method["failed"], method["refused"]) == ([0, 1, 2], 1, 0)
    numbers = method["metrics"]["quality/x"]
    assert numbers == {"mean": 3.0, "spread": math.sqrt(7.0), "low": 1.0, "high": 6.0, "count": 3}
    write(tmp_path, found)
    assert json.loads((tmp_path / "sweep.json").read_text()) == found
    page = (tmp_path / "sweep.md").read_text()
    assert "| js | 0, 1, 2 | 1 | 3 ± 2.6 |" in page
    assert "| js/seed=3 | failed | RuntimeError: a \\| bug |" in page
    (row,) = csv.DictReader((tmp_path / "sweep.csv").read_text().splitlines())
    assert (row["method"], row["metric"], float(row["mean"]), row["seeds"]) == (
        "js",
        "quality/x",
        3.0,
        "0 1 2",
    )


def test_what_was_interrupted_or_refused_did_not_fail(tmp_path: Path) -> None:
    jobs = [Job(n, f"js/seed={n}", tmp_path / str(n), "js", n, ()) for n in range(3)]
    for job, state in zip(jobs, (PREEMPTED, PREEMPTED, REFUSED), strict=True):
        job.end(state)
    found = content(jobs, tmp_path, ABOUT)
    (method,) = found["methods"]
    assert (method["failed"], method["refused"], method["preempted"]) == (0, 1, 2)
    write(tmp_path, found)
    page = (tmp_path / "sweep.md").read_text()
    assert "| method | seeds | refused | preempted |" in page
    assert "| js | - | 1 | 2 |" in page


def test_jobs_of_an_earlier_command_in_the_same_folder_are_kept(tmp_path: Path) -> None:
    first = ended(tmp_path, "js", 0, **{"quality/x": 1.0})
    write(tmp_path, content([first], tmp_path, ABOUT))
    second = ended(tmp_path, "js", 1, **{"quality/x": 3.0})
    found = content([second], tmp_path, ABOUT)
    assert [(job["name"], job.get("earlier")) for job in found["jobs"]] == [
        ("js/seed=1", None),
        ("js/seed=0", True),
    ]
    assert found["methods"][0]["metrics"]["quality/x"]["mean"] == 2.0


def test_evaluations_are_compared_and_speeds_are_not(tmp_path: Path) -> None:
    job = ended(tmp_path, "js", 0, **{"quality/x": 1.0, "speed/images": 5.0, "quality/y": math.inf})
    numbers = {"fd/pixels": {"value": 2.5}, "bad": {"value": None}}
    (job.folder / "evaluation.json").write_text(json.dumps({"numbers": numbers}))
    assert metrics_of(job.folder) == {"quality/x": 1.0, "evaluation/fd/pixels": 2.5}


def test_a_torn_table_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text('{"jobs": [{"name"')
    assert [job["seed"] for job in content([ended(tmp_path, "js", 0)], tmp_path, ABOUT)["jobs"]] == [0]
