from types import SimpleNamespace

import pytest
import torch
from helpers.wandb_stand_in import Run, alone
from PIL import Image

from gan_zoo.callbacks import Metrics, SampleGrids, Vitals
from gan_zoo.callbacks.loggers import close, introduce, log_histograms, log_picture, log_pictures, send_alert
from gan_zoo.callbacks.wandb_logger import WandbRun
from gan_zoo.errors import UserError


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """Nobody is logged in."""
    alone(monkeypatch, tmp_path)


@pytest.fixture
def started(monkeypatch):
    """Modes in which runs are started; the server cannot be reached."""
    wandb = pytest.importorskip("wandb")
    modes = []

    def init(mode, **settings):
        modes.append(mode)
        if mode == "online":
            (settings["dir"] / "wandb" / "run-2-unreachable").mkdir(parents=True)
            raise wandb.errors.CommError("no network")
        return Run(**settings)

    monkeypatch.setattr(wandb, "init", init)
    return modes


def test_nothing_starts_before_training_does(nobody, started, tmp_path):
    WandbRun(str(tmp_path / "run"))
    assert started == []
    assert not (tmp_path / "run").exists()


def test_without_a_login_the_run_is_offline(nobody, started, tmp_path):
    assert WandbRun(str(tmp_path)).experiment
    assert started == ["offline"]


def test_without_a_network_the_run_becomes_offline(nobody, started, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    (tmp_path / "wandb" / "run-1-reached").mkdir(parents=True)
    assert WandbRun(str(tmp_path)).experiment
    assert started == ["online", "offline"]
    assert [path.name for path in (tmp_path / "wandb").glob("run-*/")] == ["run-1-reached"]
    assert "cannot be reached" in capsys.readouterr().out


def test_online_that_cannot_be_had_is_refused(nobody, started, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="needs a login"):
        WandbRun(str(tmp_path), mode="online")
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    with pytest.raises(UserError, match="no network"):
        _ = WandbRun(str(tmp_path), mode="online").experiment
    with pytest.raises(UserError, match="Did you mean 'offline'"):
        WandbRun(str(tmp_path), mode="ofline")


def test_wandb_is_told_what_the_run_is(nobody, started, tmp_path, module):
    run = WandbRun(str(tmp_path / "mine"), module, tags=["good"], group="all", job_type="try").experiment
    told = run.settings
    assert (told["name"], told["group"], told["job_type"]) == ("mine", "all", "try")
    assert told["tags"] == ["tiny", "good"]
    assert told["config"]["seed"] == 7
    assert told["config"]["dataset"]["fingerprint"] == "f" * 64
    assert told["config"]["command"] == module.command
    assert told["reinit"] == "create_new"
    assert told["settings"].console == "off"


def test_a_run_that_goes_on_keeps_its_id_name_and_group(nobody, started, tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_SWEEP", "sweep")
    monkeypatch.setenv("GAN_ZOO_METHOD", "loss=js")
    first = WandbRun(str(tmp_path)).experiment.settings
    monkeypatch.delenv("GAN_ZOO_SWEEP")
    monkeypatch.delenv("GAN_ZOO_METHOD")
    again = WandbRun(str(tmp_path)).experiment.settings
    for key in ("id", "name", "group"):
        assert first[key] == again[key]
    assert first["group"] == "sweep"


def test_curves_and_pictures_stand_over_kimg(nobody, started, tmp_path, trainer, module, run):
    trainer.loggers = [WandbRun(str(tmp_path))]
    recorded = trainer.loggers[0].experiment
    run(trainer, module, Metrics(), batches=1)
    log_picture(trainer, "samples/grid", Image.new("RGB", (4, 4)), 500)
    assert recorded.axes == {"progress/kimg": None, "*": "progress/kimg"}
    assert [(step, row["progress/kimg"]) for step, row in recorded.rows] == [(50, 0.05), (500, 0.5)]
    assert "samples/grid" in recorded.rows[1][1]


def test_a_picture_has_a_caption(nobody, started, tmp_path, trainer):
    trainer.loggers = [WandbRun(str(tmp_path))]
    shown = [(Image.new("RGB", (4, 4)), "one"), (Image.new("RGB", (4, 4)), "two")]
    log_pictures(trainer, "samples/classes", shown, 100)
    ((_, row),) = trainer.loggers[0].experiment.rows
    assert [picture._caption for picture in row["samples/classes"]] == ["one", "two"]


def test_samples_real_data_and_classes_are_shown(nobody, started, tmp_path, trainer, make, run):
    trainer.loggers = [WandbRun(str(tmp_path))]
    run(trainer, make(classes=3), SampleGrids(columns=2), batches=1)
    rows = trainer.loggers[0].experiment.rows
    names = {name for _, row in rows for name in row if name.startswith("samples/")}
    assert names == {"samples/grid", "samples/real", "samples/classes"}
    classes = next(row["samples/classes"] for _, row in rows if "samples/classes" in row)
    assert [picture._caption for picture in classes] == [f"kind {index}, 0.0 kimg" for index in range(3)]


def test_histograms_leave_out_what_is_not_finite(nobody, started, tmp_path, trainer):
    trainer.loggers = [WandbRun(str(tmp_path))]
    nan = torch.full((3,), torch.nan)
    log_histograms(trainer, {"some": torch.tensor([1.0, 2.0, torch.inf]), "none": nan}, 100)
    log_histograms(trainer, {"none": nan}, 200)
    ((_, row),) = trainer.loggers[0].experiment.rows
    assert set(row) == {"some", "progress/kimg"}
    assert sum(row["some"].histogram) == 2


def test_a_run_with_a_remedy_gets_its_new_configuration(nobody, started, tmp_path, trainer, make):
    first, second = make(), make()
    second.config["stabilizer"] = {"packing": {}}
    trainer.loggers = [WandbRun(str(tmp_path), first)]
    introduce(trainer, first)
    told = trainer.loggers[0].experiment.settings["config"]
    assert told["method"] == "tiny"
    introduce(trainer, second)
    assert told["method"] == "tiny + packing"


def test_an_alert_is_a_warning_with_a_short_title():
    sent = []
    logger = WandbRun.__new__(WandbRun)
    logger._experiment = SimpleNamespace(alert=lambda **told: sent.append(told))
    send_alert(SimpleNamespace(loggers=[logger, object()]), "x" * 100, "text")
    assert sent == [{"title": "x" * 63, "text": "text", "level": "WARN"}]


def test_an_end_is_told_once_with_its_state(nobody, started, tmp_path, trainer, capsys):
    logger = WandbRun(str(tmp_path / "a run"))
    trainer.loggers = [logger]
    run = logger.experiment
    close(trainer, 75, preempted=True)
    close(trainer, 0)
    assert (run.ended, run.preempting) == ([75], True)
    assert f"wandb sync '{tmp_path / 'a run' / 'wandb'}'/offline-run-*" in capsys.readouterr().out


def test_what_a_sweep_of_wandb_ends_early_is_not_to_be_taken_up_again(
    nobody, started, tmp_path, trainer, monkeypatch
):
    monkeypatch.setenv("WANDB_SWEEP_ID", "abcd")
    trainer.loggers = [WandbRun(str(tmp_path))]
    run = trainer.loggers[0].experiment
    close(trainer, 75, preempted=True)
    assert (run.ended, run.preempting) == ([75], False)


def test_a_run_that_never_started_needs_no_end(nobody, started, tmp_path, trainer, capsys):
    trainer.loggers = [WandbRun(str(tmp_path))]
    close(trainer, 0)
    assert started == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("error", [TimeoutError(), BrokenPipeError("gone")])
def test_an_end_that_nobody_hears_ends_no_run_in_error(nobody, started, tmp_path, trainer, capsys, error):
    logger = WandbRun(str(tmp_path))
    trainer.loggers = [logger]

    def finish(exit_code):
        raise error

    logger.experiment.finish = finish
    logger.mode = "online"
    close(trainer, 0)
    assert ("wandb sync" in capsys.readouterr().out) or "gone" in str(error)


def test_logits_are_of_the_last_look(nobody, started, tmp_path, trainer):
    vitals = Vitals()
    vitals._logits = {"vitals/logits_fake": torch.ones(4)}
    trainer.loggers = [WandbRun(str(tmp_path))]
    log_histograms(trainer, vitals._logits, 0)
    assert "vitals/logits_fake" in trainer.loggers[0].experiment.rows[0][1]
