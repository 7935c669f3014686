"""Reports from the command line and in a browser."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.runs import SMALL, configuration

from gan_zoo.assemble.train import train
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.report import main, read_options
from gan_zoo.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
CALLBACKS = yaml.safe_load(
    (configuration_folder() / "callbacks" / "default.yaml").read_text(encoding="utf-8")
)
CSV = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)


def trained(folder: Path, *overrides: str) -> Path:
    config = configuration("model=mlp", "data=ring", *SMALL["mlp"], *overrides, run_dir=folder)
    train(config, CALLBACKS, CSV, f"python train.py {' '.join(overrides)}")
    return folder


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two losses, two seeds."""
    folder = tmp_path_factory.mktemp("sweep")
    for loss in ("js", "wgangp"):
        for seed in (0, 1):
            trained(folder / f"{loss}_{seed}", f"loss={loss}", f"seed={seed}")
    return folder


def test_every_run_writes_its_report(sweep: Path) -> None:
    for run in sweep.iterdir():
        if run.is_dir():
            source = (run / "report.html").read_text(encoding="utf-8")
            assert "mlp with" in source
            assert "Energy distance" in source
            assert 'alt="Real samples"' in source


def test_one_run_is_reported_anew(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = sweep / "js_0" / "report.html"
    page.unlink()
    main([str(sweep / "js_0")])
    assert capsys.readouterr().out == f"Report: {page}\n"
    assert page.exists()


def test_many_runs_are_compared(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(sweep), f"out={tmp_path}", "by=collapse/coverage"])
    assert capsys.readouterr().out == f"Comparison of 4 runs: {tmp_path / 'comparison.html'}\n"
    assert "4 runs of 2 methods" in (tmp_path / "comparison.html").read_text(encoding="utf-8")


def test_each_run_gets_its_report_on_request(sweep: Path) -> None:
    pages = [run / "report.html" for run in sweep.iterdir() if run.is_dir()]
    for page in pages:
        page.unlink()
    main([str(sweep), "each=true"])
    assert all(page.exists() for page in pages)
    assert 'href="js_0/report.html"' in (sweep / "comparison.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["bye=fd"], "Unknown option 'bye'. Did you mean 'by'"),
        (["nowhere"], "There is no folder nowhere"),
        (["each=yes"], "each=yes: give each=true or each=false"),
        (["by=a", "by=b"], "'by' is given twice"),
        (["latest"], "there is no run below"),
    ],
)
def test_mistakes_are_refused(
    typed: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=re.escape(words)):
        read_options(typed)


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no run in"):
        main([str(tmp_path)])


def test_the_latest_run_and_folders_with_an_equals_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, moment in (("0_loss=js", 2_000_000_000), ("1_loss=wgan", 1_000_000_000)):
        config = tmp_path / "outputs" / name / "config.yaml"
        config.parent.mkdir(parents=True)
        config.touch()
        os.utime(config, (moment, moment))
    assert read_options(["latest"]).roots == (Path("outputs/0_loss=js"),)
    assert read_options(["outputs/1_loss=wgan"]).roots == (Path("outputs/1_loss=wgan"),)
    assert read_options([]).roots == (Path("outputs"),)


def test_the_script_needs_no_torch(sweep: Path, tmp_path: Path) -> None:
    script = ROOT / "scripts" / "report.py"
    code = (
        f"import runpy, sys; sys.argv = ['report.py', {str(sweep)!r}, {f'out={tmp_path}'!r}]\n"
        f"runpy.run_path({str(script)!r}, run_name='__main__')\n"
        "sys.exit(3 if 'torch' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failed = subprocess.run([sys.executable, str(script), "a=b"], capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stderr.splitlines()[0][:6]) == (2, "error:")


# In a browser ---------------------------------------------------------------------------------------------

LOOK = """<script>
const seen = {};
addEventListener("error", (event) => { seen.error = event.message; });
addEventListener("load", () => setTimeout(() => {
  const slider = document.querySelector("input[type=range]");
  if (slider) {
    slider.value = 0;
    slider.dispatchEvent(new Event("input"));
    seen.shown = document.querySelector(".frames img.on").dataset.kimg;
  }
  const head = document.querySelector("#methods .sort");
  if (head) {
    head.click(); head.click();
    seen.first = document.querySelector("#methods tbody th").textContent.trim();
  }
  const right = (cell) => cell.getBoundingClientRect().right;
  const visible = (cell) => cell.getClientRects().length > 0;
  seen.heads = [...document.querySelectorAll(".sort")].filter(visible).length;
  seen.cut = [...document.querySelectorAll("td")].filter((cell) => right(cell) > innerWidth).length;
  seen.charts = document.querySelectorAll(".plot canvas").length;
  seen.width = document.documentElement.scrollWidth;
  parent.postMessage(seen, "*");
}, 200));
</script>"""
# A window has a least width, a frame inside it has none.
FRAME = """<!doctype html><body><script>
addEventListener("message", (event) => { document.body.dataset.seen = JSON.stringify(event.data); });
</script><iframe src="page.html" width="WIDTH" height="900" style="border: 0"></iframe></body>"""


def looked_at(page: Path, folder: Path, width: int) -> tuple[str, dict[str, Any]]:
    """Open a page in a browser; return its source, and what a script saw in it."""
    source = page.read_text(encoding="utf-8")
    (folder / "page.html").write_text(source.replace("</body>", f"{LOOK}</body>"), encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    options += ["--window-size=1400,900", f"--user-data-dir={folder / 'profile'}"]
    options += ["--virtual-time-budget=5000", f"file://{folder / 'frame.html'}"]
    done = subprocess.run([str(BROWSER), *options], capture_output=True, text=True, timeout=120, check=False)
    told = re.search(r'<body data-seen="([^"]*)"', done.stdout)
    assert told, done.stderr
    assert "CONSOLE" not in done.stderr
    return source, json.loads(html.unescape(told[1]))


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_report_works_in_a_browser(sweep: Path, tmp_path: Path, width: int) -> None:
    source, seen = looked_at(sweep / "wgangp_1" / "report.html", tmp_path, width)
    data = re.search(r'id="charts-data">(.*?)</script>', source, re.DOTALL)
    assert "error" not in seen
    assert seen["charts"] == len(json.loads(data[1])["panels"]) > 10
    assert seen["shown"] == "0"  # the first picture, after the slider was moved
    assert seen["width"] <= width  # nothing hangs over the edge


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_comparison_works_in_a_browser(sweep: Path, tmp_path: Path, width: int) -> None:
    main([str(sweep), f"out={tmp_path / 'c.html'}"])
    _, seen = looked_at(tmp_path / "c.html", tmp_path, width)
    assert "error" not in seen
    assert seen["charts"] > 3
    assert seen["first"].startswith("2")  # sorted twice by a heading: the last comes first
    assert seen["width"] <= width


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_a_comparison_is_whole_on_paper(sweep: Path, tmp_path: Path) -> None:
    main([str(sweep), f"out={tmp_path / 'c.html'}"])
    page = tmp_path / "c.html"
    page.write_text(page.read_text(encoding="utf-8").replace("@media print", "@media all"), encoding="utf-8")
    _, seen = looked_at(page, tmp_path, 950)  # paper across, without its margins
    assert seen["heads"] > 8
    assert seen["cut"] == 0
