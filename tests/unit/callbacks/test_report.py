"""The report of a run: written however the run ends, after its summary, and never at the run's cost."""

import ast
import inspect
import signal
from pathlib import Path

import pytest

from gan_zoo.callbacks import Metrics, SampleGrids, Summary
from gan_zoo.callbacks import report as report_module
from gan_zoo.callbacks.checkpoints import in_order
from gan_zoo.callbacks.report import Report
from gan_zoo.run_files import RunFiles


def observers() -> list:
    return [Metrics(), SampleGrids(rows=1, columns=1), Summary(), Report()]


def text(module) -> str:
    return (module.run_dir / "report.html").read_text(encoding="utf-8")


def test_a_finished_run_has_a_report_and_says_where(module, trainer, run, capsys, monkeypatch):
    monkeypatch.chdir(module.run_dir.parent)
    run(trainer, module, *observers())
    assert f"Report:  {module.run_dir.name}/report.html\n" in capsys.readouterr().out
    assert '<span class="chip finished">finished</span>' in text(module)
    assert 'alt="Real samples"' in text(module)


def test_a_run_that_fails_has_a_report_with_the_reason(module, trainer, run, capsys):
    callbacks = observers()
    run(trainer, module, *callbacks, finish=False)
    for callback in callbacks:
        callback.on_exception(trainer, module, RuntimeError("no <memory>"))
    assert '<span class="chip failed">failed</span>' in text(module)
    assert "RuntimeError: no &lt;memory&gt;" in text(module)
    assert "report.html" in capsys.readouterr().err


def test_a_run_that_is_asked_to_end_has_a_report(module, trainer, run):
    callbacks = observers()
    callbacks[0].ended_by = signal.SIGTERM  # as the checkpoints say
    run(trainer, module, *callbacks, batches=10, finish=False)
    for callback in callbacks:
        callback.pauses = True
        callback.on_train_end(trainer, module)
    assert '<span class="chip preempted">preempted</span>' in text(module)


def test_a_run_that_goes_back_and_on_writes_none(module, trainer, run):
    callbacks = observers()
    run(trainer, module, *callbacks, batches=10, finish=False)
    for callback in callbacks:
        callback.pauses = True
        callback.on_train_end(trainer, module)
    assert not (module.run_dir / "report.html").exists()


@pytest.mark.parametrize(
    "error", [ValueError("odd"), OSError(28, "No space left on device"), ImportError("no")]
)
def test_a_report_that_fails_is_a_warning(module, trainer, run, capsys, monkeypatch, error):
    def refuse(*_: object) -> Path:
        raise error

    monkeypatch.setattr("gan_zoo.report.write_report", refuse)
    run(trainer, module, *observers())
    said = capsys.readouterr()
    assert f"warning: report.html was not written: {type(error).__name__}: {error}" in said.err
    assert "Report:" not in said.out
    assert RunFiles(module.run_dir).state == "finished"


def test_it_stands_after_the_summary(module):
    summary, report = Summary(), Report()
    assert in_order([report, summary])[-2:] == [summary, report]


def test_the_template_engine_is_imported_at_the_end():
    tree = ast.parse(inspect.getsource(report_module))
    early = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert "gan_zoo.callbacks.observer" in early
    assert not any(module.startswith("gan_zoo.report") for module in early)
