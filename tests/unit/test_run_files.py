"""Reading what a run left: whole, torn and missing files, and finding runs below folders."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from gan_zoo.run_files import RunFiles, find_runs, is_run


def make_run(path: Path, summary: dict | None = None, rows: str = "") -> RunFiles:
    path.mkdir(parents=True, exist_ok=True)
    (path / "started.yaml").write_text("overrides:\n- loss=js\n- kimg=2\nasked: {}\n", encoding="utf-8")
    (path / "config.yaml").write_text("kimg: 2.0\nseed: 3\nloss:\n  name: js\n", encoding="utf-8")
    if summary is not None:
        (path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    if rows:
        (path / "metrics.csv").write_text(rows, encoding="utf-8")
    return RunFiles(path)


TABLE = "a/b,progress/kimg,step\n1.5,0.5,500\n,1.0,1000\nnan,2.0,2000\n"


def test_what_a_run_left_is_read(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", {"state": "finished", "kimg": 2.0}, TABLE)
    assert (run.name, run.state, run.kimg, run.kimg_total) == ("one", "finished", 2.0, 2.0)
    assert run.overrides == ("loss=js", "kimg=2")
    assert run.config["loss"] == {"name": "js"}
    first, second = run.rows()[:2]
    assert first == {"a/b": 1.5, "progress/kimg": 0.5, "step": 500.0}
    assert second == {"progress/kimg": 1.0, "step": 1000.0}
    kimg, values = run.series("a/b")
    assert kimg == [0.5, 2.0]
    assert values[0] == 1.5
    assert math.isnan(values[1])
    assert run.series("absent") == ([], [])


def test_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    run = RunFiles(tmp_path / "absent")
    assert run.summary is None
    assert run.evaluation is None
    assert (run.config, run.overrides, run.rows(), run.pictures(), run.findings) == ({}, (), [], [], [])
    assert (run.state, run.kimg, run.kimg_total) == ("unfinished", 0.0, None)


@pytest.mark.parametrize(
    "content",
    [
        *(b"{", b"[1, 2]", b"\xff\xfe\x00", b"", b"- a: [", b"key: !!python/none 1"),
        *(b"!!bool x", b"!!timestamp x", b"!!int ''", b"x" * 200_000 + b"\n\n"),
    ],
)
def test_torn_files_are_no_error(tmp_path: Path, content: bytes) -> None:
    names = ("summary.json", "config.yaml", "started.yaml", "findings.json", "evaluation.json", "metrics.csv")
    for name in names:
        (tmp_path / name).write_bytes(content)
    run = RunFiles(tmp_path)
    assert (run.summary, run.evaluation, run.findings, run.overrides) == (None, None, [], ())
    assert isinstance(run.config, dict)
    assert run.rows() == []
    assert run.state == "unfinished"


def test_the_torn_last_row_of_a_killed_run_is_left_out(tmp_path: Path) -> None:
    run = make_run(tmp_path, rows="loss,progress/kimg\n1.0,0.5\n2.0,1.")
    assert run.series("loss") == ([0.5], [1.0])
    assert (run.state, run.kimg) == ("unfinished", 0.5)


def test_a_run_that_went_on_after_its_summary_is_unfinished(tmp_path: Path) -> None:
    run = make_run(tmp_path, {"state": "preempted", "kimg": 1.0}, TABLE)
    assert (run.state, run.kimg) == ("unfinished", 2.0)


def test_an_unknown_state_is_unfinished(tmp_path: Path) -> None:
    assert make_run(tmp_path, {"state": "odd", "kimg": None}).state == "unfinished"


def test_a_run_is_found_after_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "one", {"state": "finished", "kimg": 2.0}, TABLE)
    (tmp_path / "one" / "samples").mkdir()
    (tmp_path / "one" / "samples" / "000002.000kimg.png").write_bytes(b"1")
    monkeypatch.chdir(tmp_path)
    run = RunFiles(Path("one"))
    monkeypatch.chdir("/")
    assert (run.state, run.kimg, run.kimg_total, len(run.rows())) == ("finished", 2.0, 2.0, 3)
    assert [path.read_bytes() for _, path in run.pictures()] == [b"1"]
    assert (str(run.path), run.name, repr(run)) == ("one", "one", "RunFiles('one')")


def test_the_length_of_a_run_that_has_not_settled_it_is_what_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "started.yaml").write_text("overrides: []\nasked: {kimg: 3}\n", encoding="utf-8")
    assert RunFiles(tmp_path).kimg_total == 3.0


def test_pictures_are_sorted_by_kimg(tmp_path: Path) -> None:
    names = [
        "000010.000kimg.png",
        "000002.500kimg.png",
        "1000000.000kimg.png",
        "latest.png",
        "real.png",
        "a.txt",
    ]
    (tmp_path / "samples").mkdir()
    for name in names:
        (tmp_path / "samples" / name).touch()
    assert [kimg for kimg, _ in RunFiles(tmp_path).pictures()] == [2.5, 10.0, 1000000.0]


def test_findings_are_those_of_their_file_or_else_of_the_summary(tmp_path: Path) -> None:
    make_run(tmp_path, {"state": "finished", "kimg": 1.0, "findings": [{"kind": "collapse"}]})
    assert [each["kind"] for each in RunFiles(tmp_path).findings] == ["collapse"]
    (tmp_path / "findings.json").write_text('{"findings": [{"kind": "divergence"}, 7]}', encoding="utf-8")
    assert [each["kind"] for each in RunFiles(tmp_path).findings] == ["divergence"]


def test_runs_are_found_once_and_not_inside_runs_or_hidden_folders(tmp_path: Path) -> None:
    for name in ("sweep/b", "sweep/a", "single", "sweep/a/nested", ".hidden/run", "x/wandb/files"):
        make_run(tmp_path / name)
    (tmp_path / "link").symlink_to(tmp_path / "sweep")
    found = [str(run.path.relative_to(tmp_path)) for run in find_runs(tmp_path, tmp_path / "sweep")]
    assert found == ["single", "sweep/a", "sweep/b"]
    assert [run.name for run in find_runs(tmp_path / "link")] == ["a", "b"]
    assert is_run(tmp_path / "single")
    assert not is_run(tmp_path)
    assert find_runs(tmp_path / "absent") == []


def test_reading_imports_no_torch() -> None:
    code = "import sys, gan_zoo.run_files; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
