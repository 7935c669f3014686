import json
from types import SimpleNamespace

import pytest
import yaml
from tqdm import tqdm

from gan_zoo.callbacks import Alarm, Summary, Vitals
from gan_zoo.callbacks import loggers as loggers_module
from gan_zoo.callbacks.alarm import alarm_of, vitals_of
from gan_zoo.callbacks.loggers import send_alert
from gan_zoo.diagnosis import Remedy


class Told(Vitals):
    """Vital signs that a test plants, one row per batch; nothing is measured."""

    def __init__(self, rows):
        super().__init__()
        self.rows = list(rows)

    def prepare(self, trainer, module):
        self.looks = 0

    def start(self, trainer, module):
        self.step(trainer, module)

    def step(self, trainer, module):
        if self.looks < len(self.rows):
            self.latest = self.rows[self.looks]
            self.looks += 1


def rows(diversity, looks=21):
    """Return vital signs of a run of a thousand images in which only diversity is remarkable."""
    return [
        {
            "progress/kimg": look / (looks - 1),
            "vitals/run_share": look / (looks - 1),
            "vitals/separation": 0.9,
            "collapse/diversity": diversity,
            "collapse/energy_distance": 0.6,
        }
        for look in range(looks)
    ]


class Recorder:
    """Stands in for a logger."""

    def __init__(self):
        self.values = {}

    def log_metrics(self, values, step):
        self.values |= values


def found(module):
    return json.loads((module.run_dir / "findings.json").read_text())


def test_a_finding_is_told_once_everywhere(module, trainer, run, capsys, monkeypatch):
    alerts = []
    monkeypatch.setattr("gan_zoo.callbacks.alarm.send_alert", lambda *given: alerts.append(given[1:]))
    logger = Recorder()
    trainer.loggers = [logger]
    run(trainer, module, Told(rows(0.05)), Alarm(), Summary())
    err = capsys.readouterr().err
    assert err.count("ALARM: Collapse since 0.0 kimg (seen at 0.3)") == 1
    assert "  try 'regularizer=[r1]'" in err
    assert logger.values["alarm/collapse"] == 0.0
    ((title, text),) = alerts
    assert (title, "5.0 % as far apart" in text) == ("Collapse", True)
    (finding,) = found(module)["findings"]
    assert set(finding) == {"kind", "since_kimg", "at_kimg", "evidence", "remedies"}
    summary = json.loads((module.run_dir / "summary.json").read_text())
    assert summary["findings"] == [finding]
    assert summary["files"]["findings"] == "findings.json"


def test_the_closing_lines_name_the_findings(module, trainer, run, capsys):
    run(trainer, module, Told(rows(0.05)), Alarm(), Summary())
    assert "Alarm:   collapse since 0.0 kimg; see " in capsys.readouterr().out


def test_nothing_found_is_said_too(module, trainer, run, capsys):
    run(trainer, module, Told(rows(1.0)), Alarm(), Summary())
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "Alarm" not in captured.out
    assert found(module) == {"findings": [], "actions": []}


def test_off_is_silent(module, trainer, run, capsys):
    module.config["guard"] = "off"
    run(trainer, module, Told(rows(0.05)), Alarm(), Summary())
    assert capsys.readouterr().err == ""
    assert not (module.run_dir / "findings.json").exists()
    assert json.loads((module.run_dir / "summary.json").read_text())["findings"] == []


def test_findings_are_there_although_the_run_failed(module, trainer, run):
    alarm = Alarm()
    run(trainer, module, Told(rows(0.05)), alarm, batches=15, finish=False)
    (module.run_dir / "findings.json").unlink()
    alarm.on_exception(trainer, module, ValueError())
    assert len(found(module)["findings"]) == 1


def test_remedies_that_the_run_has_are_not_proposed(module, trainer, run):
    module.config["regularizer"] = {"r1": {"name": "r1"}}
    run(trainer, module, Told(rows(0.05)), Alarm())
    (finding,) = found(module)["findings"]
    assert not any("[r1]" in remedy["override"] for remedy in finding["remedies"])


def test_without_vitals_it_sees_nothing(module, trainer, run):
    alarm = Alarm()
    run(trainer, module, alarm)
    assert len(alarm.diagnosis.history) == 0
    assert (alarm_of(trainer), vitals_of(trainer)) == (alarm, None)
    trainer.callbacks = []
    assert alarm_of(trainer) is None


def test_a_run_that_goes_back_keeps_its_findings_and_its_time(module, trainer, run):
    vitals, alarm, summary = Told(rows(0.05)), Alarm(), Summary()
    run(trainer, module, vitals, alarm, summary, batches=15, finish=False)
    since = summary._since
    for callback in (vitals, alarm, summary):
        callback.pauses = True
        callback.on_train_end(trainer, module)
    assert not (module.run_dir / "summary.json").exists()
    alarm.rewind(0.2, ["r1"])
    alarm.record({"action": "rollback"}, module)
    module.config["seed"] = 8
    for callback in (vitals, alarm, summary):
        callback.on_train_start(trainer, module)
        assert not callback.pauses
    assert (len(alarm.diagnosis.findings), summary._since) == (1, since)
    assert yaml.safe_load((module.run_dir / "config.yaml").read_text())["seed"] == 8
    assert found(module)["actions"] == [{"action": "rollback"}]


def test_it_speaks_above_a_progress_bar(capsys):
    from gan_zoo.callbacks.alarm import say

    with tqdm(total=3, leave=False, mininterval=0.0) as bar:
        bar.update(1)
        say("collapse", "  try this")
        bar.update(1)
    shown = capsys.readouterr().err
    before, after = shown.split("ALARM: collapse\n  try this\n")
    assert before.endswith("\r")  # the bar was wiped
    assert "2/3" in after


def test_weights_and_biases_gets_an_alert(monkeypatch):
    sent = []
    run = SimpleNamespace(alert=lambda title, text, level: sent.append((title, text)))

    class Logger:
        experiment = run

    monkeypatch.setattr(loggers_module, "WandbLogger", Logger)
    send_alert(SimpleNamespace(loggers=[Logger(), object()]), "Collapse", "text")
    assert sent == [("Collapse", "text")]


def test_remedies_are_quoted_for_the_shell():
    assert Remedy("stabilizer=[packing]", "").typed == "'stabilizer=[packing]'"
    assert Remedy("loss=relativistic", "").typed == "loss=relativistic"


@pytest.mark.parametrize("guard", ["warn", "stop", "rollback"])
def test_the_summary_names_the_guard(module, trainer, run, guard):
    module.config["guard"] = guard
    run(trainer, module, Told(rows(1.0)), Alarm(), Summary())
    summary = json.loads((module.run_dir / "summary.json").read_text())
    assert summary["guard"] == {"mode": guard, "actions": []}
