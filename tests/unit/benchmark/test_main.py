"""The command itself: what it writes, and when."""

import contextlib
from pathlib import Path

import pytest

from gan_zoo.benchmark import compare, main, workers
from gan_zoo.benchmark.document import BEGIN, END


def test_a_document_is_written_at_the_end_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be one of the repository whose commit the runs note."""
    document = tmp_path / "results.md"
    document.write_text(f"{BEGIN}\n{END}\n")
    between = []

    def no_runs(planned, options, pool, report):
        between.append((report(), document.read_text()))

    monkeypatch.setattr(compare, "compare", no_runs)
    monkeypatch.setattr(compare, "plan", lambda *asked: [])
    monkeypatch.setattr(workers, "Workers", lambda *asked: contextlib.nullcontext())
    typed = ["suite=ring", f"out={tmp_path / 'out'}", f"docs={document}"]
    assert main.main(typed, "compare", lambda words: None, tmp_path) == 0
    ((files, text),) = between
    assert files == [tmp_path / "out" / "ring.md", tmp_path / "out" / "ring.csv"]
    assert text == f"{BEGIN}\n{END}\n"
    assert "- Command: `compare suite=ring" in document.read_text()
