"""The report of one run: what it says, that it needs nothing else, and that nothing typed becomes code."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gan_zoo.report import write_report
from gan_zoo.run_files import RunFiles

Make = Callable[..., RunFiles]
EVIL = "<script>alert(1)</script>"


def page(run: RunFiles) -> str:
    return write_report(run).read_text(encoding="utf-8")


def text_of(source: str) -> str:
    """Return what a reader sees, roughly."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", source, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def charts(source: str) -> dict:
    found = re.search(r'<script type="application/json" id="charts-data">(.*?)</script>', source, re.DOTALL)
    assert found
    return json.loads(found[1], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_a_report_says_what_was_trained_and_how_to_repeat_it(make_run: Make) -> None:
    shown = text_of(page(make_run("run", "loss=lsgan", "kimg=8", seed=3)))
    for words in ("mlp with lsgan on ring", "finished", "1 min 15 s", "12,346", "torch 2.9"):
        assert words in shown
    assert "python train.py loss=lsgan kimg=8 seed=3 Copy" in shown
    assert "run_dir=" not in shown.partition("Environment")[0].partition("The whole configuration")[0]


def test_samples_stand_on_a_slider_beside_real_ones(make_run: Make) -> None:
    source = page(make_run())
    assert re.findall(r'data-kimg="(\d)"', source) == ["0", "1", "2"]
    assert 'max="2" value="2"' in source
    assert source.count('alt="Real samples"') == 1
    assert len(set(re.findall(r'src="(data:image/png;base64,[^"]+)"', source))) == 4  # two shades are alike


def test_findings_are_told_with_commands_to_type(make_run: Make) -> None:
    shown = text_of(page(make_run("run", "stabilizer=[ema]", "loss=js")))
    assert "Partial mode loss since 2 kimg" in shown
    assert "3 of 8 modes are empty." in shown
    # The list that was typed stays, because a list on the command line replaces the one before it.
    assert "python train.py loss=js seed=0 'stabilizer=[ema,packing]'" in shown
    assert "optimizer.discriminator.lr=0.0005" in shown


def test_a_run_that_nobody_watched_is_not_called_healthy(make_run: Make) -> None:
    watched = make_run("watched", leave_out=("findings.json",))
    blind = make_run("blind", leave_out=("findings.json", "metrics.csv"))
    assert "Findings The alarm found nothing." in text_of(page(watched))
    assert "What went wrong" not in text_of(page(watched))
    assert "The alarm did not watch this run." in text_of(page(blind))


def test_curves_are_those_of_the_table(make_run: Make) -> None:
    data = charts(page(make_run()))
    panels = {panel["title"]: panel for panel in data["panels"]}
    losses = panels["Generator"]
    assert losses["x"] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert losses["series"][0]["y"][:4] == [1, 2, 3, 1]
    assert panels["Logit gap"]["x"] == [0, 2, 3, 4, 5, 6, 7, 8]  # what is not a number leaves a gap
    quality = panels["Fréchet distance"]
    assert [series["label"] for series in quality["series"]] == ["fd", "real data"]
    assert quality["series"][1]["y"][0] == quality["series"][1]["y"][-1] == 0.5
    assert data["marks"] == [{"kimg": 2.0, "label": "partial mode loss"}]


def test_the_evaluation_stands_between_floor_and_ceiling(make_run: Make) -> None:
    source = page(make_run())
    shown = text_of(source)
    assert "fd 2.5 0.5 4.5 ↓ plain" in shown
    assert 'style="left: 50.0%"' in source
    assert "ms_ssim could not be measured: too small" in shown
    assert "zero missing" in shown
    assert "one 100.0 %" in shown
    assert "Shares of real and generated samples in each bin" in source


def test_growth_is_a_table(make_run: Make) -> None:
    shown = text_of(page(make_run(growing=True)))
    assert "0 4 px 0 kimg 0 kimg 3 kimg" in shown
    assert "1 8 px 4 kimg 6 kimg 7 kimg" in shown
    assert "2 16 px 8 kimg" in shown


@pytest.mark.parametrize(("state", "goes_on"), [("finished", False), ("failed", True), ("preempted", True)])
def test_a_run_that_did_not_finish_says_how_to_go_on(make_run: Make, state: str, goes_on: bool) -> None:
    run = make_run(state=state, error="RuntimeError: no memory" if state == "failed" else None)
    shown = text_of(page(run))
    assert (f"resume={run.path}" in shown) == goes_on
    assert ("RuntimeError: no memory" in shown) == (state == "failed")


def test_a_page_needs_nothing_else(make_run: Make) -> None:
    source = page(make_run(growing=True))
    for found in re.findall(r'\b(?:src|href)="([^"]*)"', source):
        assert found.startswith(("data:", "#")), found
    without_scripts = re.sub(r"<script>.*?</script>", "", source, flags=re.DOTALL)
    assert "http://" not in without_scripts
    assert "https://" not in without_scripts
    assert "@import" not in source
    assert "default-src 'none'" in source  # so that a browser would refuse, whatever we forgot


def test_nothing_typed_becomes_code(make_run: Make) -> None:
    run = make_run(f"a{EVIL.replace('/', '')}b", f"loss={EVIL}", state="failed", error=EVIL, device=EVIL,
                   versions={EVIL: EVIL}, command=f"python train.py loss='{EVIL}'")  # fmt: skip
    rows = (run.path / "metrics.csv").read_text(encoding="utf-8").replace("generator/adversarial", EVIL)
    (run.path / "metrics.csv").write_text(rows, encoding="utf-8")
    finding = {"kind": EVIL, "since_kimg": 1.0, "at_kimg": 1.0, "evidence": EVIL,
               "remedies": [{"override": EVIL, "why": EVIL}]}  # fmt: skip
    (run.path / "findings.json").write_text(json.dumps({"findings": [finding]}), encoding="utf-8")
    evaluation = json.loads((run.path / "evaluation.json").read_text(encoding="utf-8"))
    evaluation["numbers"][EVIL] = evaluation["numbers"]["ndb"] | {
        "value": 1.0,
        "protocol": {"estimator": EVIL},
    }
    evaluation["data"]["class_names"] = [EVIL, '" onclick="alert(1)']
    (run.path / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    source = page(RunFiles(run.path))
    assert "<script>alert" not in source
    assert '" onclick="' not in source
    assert source.count("&lt;script&gt;alert(1)") >= 8
    assert any(
        "script>" in series["label"] for panel in charts(source)["panels"] for series in panel["series"]
    )


@pytest.mark.parametrize("left", [(), ("config.yaml",), ("config.yaml", "summary.json")])
def test_what_is_not_there_is_left_out(tmp_path: Path, left: tuple[str, ...], make_run: Make) -> None:
    files = {"config.yaml", "started.yaml", "summary.json", "metrics.csv", "findings.json", "evaluation.json"}
    run = make_run(leave_out=tuple(files - set(left)), pictures=0)
    shown = text_of(page(run))
    assert "This run has not been evaluated" in shown
    assert "Curves over kimg" not in shown
    assert "Traceback" not in shown


def test_torn_files_are_no_error(make_run: Make) -> None:
    run = make_run()
    for path in [*run.path.glob("*.*"), *run.path.glob("samples/*")]:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "unfinished" in text_of(page(RunFiles(run.path)))


def test_a_long_run_makes_no_large_page(make_run: Make) -> None:
    run = make_run(pictures=0)
    text = (run.path / "metrics.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{place / 1000},{place},{place % 7},1e9,{place},{place},0.5,1.0," for place in range(20000)]
    (run.path / "metrics.csv").write_text("\n".join([text[0], *rows]) + "\n", encoding="utf-8")
    source = page(RunFiles(run.path))
    assert len(source) < 400_000
    assert max(charts(source)["panels"][0]["x"]) == 19.999


def test_the_old_page_stays_if_the_disk_refuses(make_run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run()
    (run.path / "report.html").write_text("old", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_report(run)
    assert (run.path / "report.html").read_text(encoding="utf-8") == "old"
    assert not list(run.path.glob(".*.tmp"))
