import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gan_zoo.assemble.diagnosing import main
from gan_zoo.cli.commands import main as console
from gan_zoo.diagnosis import Finding, Remedy
from gan_zoo.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


def write(folder, diversity):
    """Leave a run directory with vital signs, some of them ill."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["progress/kimg", "vitals/run_share", "vitals/separation", "collapse/diversity"]
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "collapse/energy_distance"])
        for look in range(51):
            writer.writerow([look, look / 50, 0.9, diversity, 0.6])
    config = {"regularizer": {"r1": {"name": "r1"}}, "stabilizer": {}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


def test_a_run_and_its_table_alone_give_the_same_findings(tmp_path, capsys):
    folder = write(tmp_path / "run", 0.05)
    assert main([f"run={folder}", "format=json"]) == 1
    of_run = json.loads(capsys.readouterr().out)
    assert main([f"csv={folder / 'metrics.csv'}", "format=json"]) == 1
    of_table = json.loads(capsys.readouterr().out)
    (left,), (right,) = of_run["findings"], of_table["findings"]
    assert (left["kind"], left["since_kimg"], left["at_kimg"]) == ("collapse", 0.0, 18.0)
    assert {**left, "remedies": 0} == {**right, "remedies": 0}
    proposed = [[remedy["override"] for remedy in one["remedies"]] for one in (left, right)]
    assert proposed[0] == proposed[1][1:]  # the run has r1 already
    assert proposed[1][0].startswith("regularizer=[r1]")


def test_a_healthy_run(tmp_path, capsys):
    assert main([f"run={write(tmp_path, 1.0)}"]) == 0
    assert capsys.readouterr().out.startswith("Nothing found in 51 looks up to 50.0 kimg in ")


def test_words_for_a_person(tmp_path, capsys):
    assert main([f"csv={write(tmp_path, 0.05) / 'metrics.csv'}"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Collapse since 0.0 kimg (seen at 18.0): ")
    assert "\n  try 'regularizer=[r1]' regularizer.r1.weight=1   " in out


def test_the_newest_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="run=latest: no run"):
        main(["run=latest"])
    write(tmp_path / "outputs" / "a", 1.0)
    assert main(["run=latest"]) == 0
    assert "outputs/a/metrics.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Which run"),
        (["run=a", "csv=b"], "one of them"),
        (["rnu=a"], "Did you mean 'run'"),
        (["latest"], "not of the form"),
        (["csv=a", "csv=b"], "twice"),
        (["csv=a", "format=jsn"], "Did you mean 'json'"),
        (["run=nowhere"], "no run directory nowhere"),
        (["csv=nowhere.csv"], "cannot be read"),
    ],
)
def test_mistakes(arguments, words):
    with pytest.raises(UserError, match=words):
        main(arguments)


def test_a_run_without_a_table(tmp_path):
    with pytest.raises(UserError, match=r"holds no metrics\.csv"):
        main([f"run={tmp_path}"])


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "usage: gan-zoo diagnose run=DIR" in capsys.readouterr().out


@pytest.mark.parametrize(("diversity", "code"), [(1.0, 0), (0.05, 1)])
def test_the_console_command_and_the_script_end_with_the_exit_code(tmp_path, diversity, code):
    write(tmp_path, diversity)
    if code:
        with pytest.raises(SystemExit) as left:
            console(["diagnose", f"run={tmp_path}"])
        assert left.value.code == code
    else:
        console(["diagnose", f"run={tmp_path}"])
    script = [sys.executable, ROOT / "scripts" / "diagnose.py", f"run={tmp_path}"]
    assert subprocess.run(script, capture_output=True, check=False).returncode == code


def test_mistakes_end_with_2_and_torch_is_not_imported(tmp_path):
    script = [sys.executable, ROOT / "scripts" / "diagnose.py", "run=nowhere"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:6]) == (2, "error:")
    code = (
        "import sys, gan_zoo.assemble.diagnosing as d; d.main(['--help']); sys.exit('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode
        == 0
    )


def went_back(folder):
    """Leave a healthy run that was rolled back from a collapse."""
    write(folder, 1.0)
    finding = Finding("collapse", 1.0, 9.0, "all alike.", (Remedy("optimizer.lr=1", "slow"),))
    action = {
        "action": "rollback", "because": "collapse", "evidence": "all alike.", "at_kimg": 9.0, "to_kimg": 0.5,
        "remedy": "optimizer.lr=1",
    }  # fmt: skip
    content = {"findings": [finding.to_plain()], "actions": [action]}
    (folder / "findings.json").write_text(json.dumps(content))
    return folder


def test_what_a_rollback_left_behind_is_told(tmp_path, capsys):
    folder = went_back(tmp_path)
    assert main([f"run={folder}"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Nothing found in 51 looks")
    assert f"Recorded in {folder / 'findings.json'} while the run went on:" in out
    assert "  Collapse since 1.0 kimg (seen at 9.0): all alike." in out
    assert "  rollback at 9.0 kimg to 0.5 kimg, because of collapse; on with optimizer.lr=1" in out
    assert main([f"run={folder}", "format=json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["kind"], found["left_behind"], found["actions"][0]["to_kimg"]) == ("collapse", True, 0.5)
    assert main([f"csv={folder / 'metrics.csv'}"]) == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"findings": [{"kind": 1}], "actions": []}'])
def test_a_torn_record_is_no_error(tmp_path, text):
    write(tmp_path, 1.0)
    (tmp_path / "findings.json").write_text(text)
    assert main([f"run={tmp_path}"]) == 0


def test_what_the_table_shows_is_not_told_twice(tmp_path, capsys):
    assert main([f"run={write(tmp_path, 0.05)}", "format=json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    (tmp_path / "findings.json").write_text(json.dumps({"findings": found, "actions": []}))
    assert main([f"run={tmp_path}"]) == 1
    assert "Recorded" not in capsys.readouterr().out


def test_a_short_table_is_not_called_healthy(tmp_path, capsys):
    path = tmp_path / "short.csv"
    path.write_text("progress/kimg,collapse/diversity\n" + "".join(f"{look},0.02\n" for look in range(4)))
    assert main([f"csv={path}"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Too little to judge: 4 looks up to 3.0 kimg")
    assert "at least 5 looks after the first 15 % of a run" in out


def test_what_could_not_be_looked_for_is_named(tmp_path, capsys):
    write(tmp_path, 1.0)
    assert main([f"run={tmp_path}"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Nothing found")
    assert second.startswith("Not looked for, as their columns are missing: divergence of finite numbers (")
    assert "memorization (vitals/overfitting)" in second
    assert "collapse (" not in second
    assert main([f"run={tmp_path}", "format=json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["findings"], told["can_be_judged"]) == ([], True)
    assert told["not_looked_for"]["oscillation"] == ["collapse/drift", "collapse/energy_distance_live"]
    assert "collapse" not in told["not_looked_for"]


def test_a_table_of_diversity_alone_is_judged(tmp_path, capsys):
    path = tmp_path / "bare.csv"
    path.write_text("progress/kimg,collapse/diversity\n" + "".join(f"{look},0.02\n" for look in range(50)))
    assert main([f"csv={path}"]) == 1
    assert capsys.readouterr().out.startswith("Collapse since 0.0 kimg")


def test_a_reader_that_leaves_is_no_error(tmp_path):
    write(tmp_path, 0.05)
    script = [sys.executable, ROOT / "scripts" / "diagnose.py", f"run={tmp_path}"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(script, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
