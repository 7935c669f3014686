"""The documents build as a site without a warning, with the zoo and the reference in it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mkdocs")
pytest.importorskip("mkdocstrings_handlers")

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_site_builds(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(tmp_path / "site").as_posix(): path for path in tmp_path.rglob("*.html")}
    documents = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert {f"{name}/index.html" for name in documents} | {"index.html", "zoo/index.html"} <= set(pages)
    reference = pages["reference/index.html"].read_text(encoding="utf-8")
    for name in ("train", "load", "api.run.Run.samples", "losses.base.AdversarialLoss", "run_files.RunFiles"):
        assert f'id="gan_zoo.{name}"' in reference, name
    assert "wgangp" in pages["zoo/index.html"].read_text(encoding="utf-8")
    for path in pages.values():
        assert 'href="../gan_zoo' not in path.read_text(encoding="utf-8"), path
