"""Many runs on one page: groups, ranks, failures and links."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_zoo.errors import UserError
from gan_zoo.report import write_comparison, write_report
from gan_zoo.report.comparison import Comparison
from gan_zoo.report.scores import logged
from gan_zoo.run_files import RunFiles

Make = Callable[..., RunFiles]
BY = "collapse/energy_distance"


@pytest.fixture
def sweep(make_run: Make) -> list[RunFiles]:
    """Two losses with three seeds; the last job of the better one failed."""
    runs = []
    for loss, scale in (("js", 9.0), ("wgangp", 1.0)):
        for seed in range(3):
            failed = loss == "wgangp" and seed == 2
            runs.append(
                make_run(f"{loss}-{seed}", f"loss={loss}", "kimg=8", seed=seed, scale=scale + seed,
                         state="failed" if failed else "finished", error="OSError: gone" if failed else None,
                         leave_out=("evaluation.json",))
            )  # fmt: skip
    return runs


def test_runs_that_differ_only_in_their_seed_are_one_method(sweep: list[RunFiles], tmp_path: Path) -> None:
    contents = Comparison(sweep, tmp_path, BY).contents()
    methods = contents["methods"]
    assert [(method["label"], method["seeds"]) for method in methods] == [
        ("loss=wgangp", [0, 1, 2]),
        ("loss=js", [0, 1, 2]),
    ]
    assert contents["title"] == "6 runs of 2 methods"
    assert contents["by"] == logged(BY)


def test_means_and_spreads_leave_out_what_failed(sweep: list[RunFiles], tmp_path: Path) -> None:
    better, worse = Comparison(sweep, tmp_path, BY).contents()["methods"]
    assert better["ended"] == 2
    assert better["columns"][0]["mean"] == pytest.approx((1 / 9 + 2 / 9) / 2)
    assert worse["columns"][0]["mean"] == pytest.approx(10 / 9)
    assert worse["columns"][0]["spread"] == pytest.approx(1 / 9)


def test_best_and_worst_runs_are_shown_with_commands(sweep: list[RunFiles], tmp_path: Path) -> None:
    contents = Comparison(sweep, tmp_path, BY).contents()
    assert [(run["label"], run["seed"]) for run in contents["best"]] == [
        ("loss=wgangp", 0),
        ("loss=wgangp", 1),
    ]
    assert [(run["label"], run["seed"]) for run in contents["worst"]] == [("loss=js", 2), ("loss=js", 1)]
    assert contents["best"][0]["repeat"] == "python train.py loss=wgangp kimg=8 seed=0"
    (failed,) = contents["failed"]
    assert failed["reason"] == "OSError: gone"
    assert failed["runs"][0]["resume"].startswith("python train.py resume=")


def test_a_higher_number_can_be_better(sweep: list[RunFiles], tmp_path: Path) -> None:
    contents = Comparison(sweep, tmp_path, "collapse/coverage").contents()
    assert contents["by"].direction == "higher"


def test_a_run_that_diverged_is_the_worst(sweep: list[RunFiles], tmp_path: Path, make_run: Make) -> None:
    run = make_run("diverged", "loss=js", "kimg=8", seed=7)
    text = (run.path / "metrics.csv").read_text(encoding="utf-8").splitlines()
    text[-1] = text[-1].replace(text[-1].split(",")[5], "nan")
    (run.path / "metrics.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    assert Comparison([*sweep, RunFiles(run.path)], tmp_path, BY).contents()["worst"][0]["seed"] == 7


def test_what_has_no_number_has_no_place(sweep: list[RunFiles], tmp_path: Path, make_run: Make) -> None:
    unfinished = [
        make_run(f"new-{seed}", "loss=hinge", "kimg=8", seed=seed, leave_out=("summary.json", "metrics.csv"))
        for seed in range(2)
    ]
    contents = Comparison([*sweep, *unfinished], tmp_path, BY).contents()
    assert [(each["label"], each["place"]) for each in contents["methods"]] == [
        ("loss=wgangp", 1),
        ("loss=js", 2),
        ("loss=hinge", None),
    ]
    places = {run["name"]: run["place"] for run in contents["runs"]}
    assert (places["wgangp-0"], places["wgangp-2"], places["new-0"]) == (1, None, None)


def test_runs_that_have_not_ended_are_not_ranked(make_run: Make, tmp_path: Path) -> None:
    runs = [make_run(name, f"loss={name}", leave_out=("summary.json",)) for name in ("js", "hinge")]
    source = write_comparison(runs, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Ranked by" not in source
    assert 'class="place"' not in source
    assert "they have no rank" in source


def test_all_charts_have_one_axis(sweep: list[RunFiles], tmp_path: Path) -> None:
    panels = Comparison(sweep, tmp_path, BY).contents()["charts_data"]["panels"]
    assert len(panels) > 2
    assert {(panel["x"][0], panel["x"][-1]) for panel in panels} == {(0.0, 8.0)}


def test_an_unknown_number_is_refused_with_those_that_there_are(
    sweep: list[RunFiles], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"by=collapse/energy: .*Did you mean 'collapse/energy_distance'"):
        Comparison(sweep, tmp_path, "collapse/energy")


def test_the_page_has_every_part_and_needs_nothing_else(sweep: list[RunFiles], tmp_path: Path) -> None:
    write_report(sweep[0])
    source = write_comparison(sweep, tmp_path / "page.html").read_text(encoding="utf-8")
    for part in ("methods", "best", "failed", "samples", "parallel", "curves", "runs"):
        assert f'<section id="{part}">' in source
    targets = re.findall(r'\b(?:src|href)="([^"]*)"', source)
    assert [each for each in targets if not each.startswith(("data:", "#"))] == ["js-0/report.html"]
    assert source.count("<figcaption") == 6  # a picture of each run, in the row of its method
    assert source.count('<path class="q') == 6


def test_nothing_typed_becomes_code(make_run: Make, tmp_path: Path) -> None:
    evil = "<script>alert(1)<script>"
    runs = [
        make_run(f"r{seed}", f"loss={evil}{seed}", seed=seed, error=evil, state="failed") for seed in (0, 1)
    ]
    source = write_comparison(runs, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in source


def test_runs_with_nothing_to_compare_are_still_listed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text("", encoding="utf-8")
    runs = [RunFiles(tmp_path / name) for name in ("a", "b")]
    source = write_comparison(runs, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "2 unfinished" in source
    assert "No number by which" in source


def test_runs_on_different_data_are_said_not_to_compare(make_run: Make, tmp_path: Path) -> None:
    said = "so their numbers do not compare"
    alike = [make_run(name, "loss=js") for name in ("one", "two")]
    assert said not in write_comparison(alike, tmp_path / "a.html").read_text(encoding="utf-8")
    unlike = [*alike, make_run("three", "data=grid")]
    assert said in write_comparison(unlike, tmp_path / "b.html").read_text(encoding="utf-8")
    assert Comparison(unlike, tmp_path, None).contents()["data"] == ["grid", "ring"]


def test_runs_whose_data_are_not_known_are_no_different_data(make_run: Make, tmp_path: Path) -> None:
    runs = [make_run("one", "loss=js"), make_run("two", "loss=js", leave_out=("config.yaml",))]
    assert Comparison(runs, tmp_path).contents()["data"] == ["ring"]
