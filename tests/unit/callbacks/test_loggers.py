import pytest
from PIL import Image

from gan_zoo.callbacks import Metrics
from gan_zoo.callbacks.loggers import log_picture, wandb_logger
from gan_zoo.errors import UserError


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """Nobody is logged in."""
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


class Run:
    """Stands in for a run of wandb and records what it is told."""

    def __init__(self):
        self.axes, self.rows = {}, []

    def define_metric(self, name, step_metric=None, step_sync=None):
        self.axes[name] = step_metric

    def log(self, values):
        self.rows.append(values)


@pytest.fixture
def started(monkeypatch):
    wandb = pytest.importorskip("wandb")
    modes = []

    def init(mode, **settings):
        modes.append(mode)
        if mode == "online":
            raise wandb.errors.CommError("no network")
        return Run()

    monkeypatch.setattr(wandb, "init", init)
    return modes


def test_without_a_login_the_run_is_offline(nobody, started, tmp_path):
    wandb_logger(str(tmp_path))
    assert started == ["offline"]


def test_without_a_network_the_run_becomes_offline(nobody, started, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    wandb_logger(str(tmp_path))
    assert started == ["online", "offline"]
    assert "cannot be reached" in capsys.readouterr().out


def test_a_login_in_netrc_is_found(nobody, started, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password x\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    wandb_logger(str(tmp_path))
    assert started[0] == "online"


def test_the_environment_may_say_offline_or_disabled(nobody, started, tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    for asked in ("disabled", "dryrun"):
        monkeypatch.setenv("WANDB_MODE", asked)
        wandb_logger(str(tmp_path))
    assert started == ["disabled", "offline"]


def test_online_that_cannot_be_had_is_refused(nobody, started, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="needs a login"):
        wandb_logger(str(tmp_path), mode="online")
    assert started == []
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    with pytest.raises(UserError, match="no network"):
        wandb_logger(str(tmp_path), mode="online")
    with pytest.raises(UserError, match="Did you mean 'offline'"):
        wandb_logger(str(tmp_path), mode="ofline")


def test_curves_and_pictures_stand_over_kimg(nobody, started, tmp_path, trainer, module, run):
    trainer.loggers = [wandb_logger(str(tmp_path))]
    recorded = trainer.loggers[0].experiment
    run(trainer, module, Metrics(), batches=1)
    log_picture(trainer, "samples", Image.new("RGB", (4, 4)), 500)
    assert recorded.axes == {"progress/kimg": None, "*": "progress/kimg"}
    assert [row["progress/kimg"] for row in recorded.rows] == [0.05, 0.5]
    assert "samples" in recorded.rows[1]
