import csv

import pytest
from pytorch_lightning.loggers import Logger

from gan_zoo.callbacks import CsvLogger, Metrics
from gan_zoo.callbacks.metrics import latest_losses
from gan_zoo.types import Stage


class Recorder(Logger):
    name, version = "recorder", "0"

    def __init__(self):
        super().__init__()
        self.rows = []

    def log_hyperparams(self, *args, **kwargs): ...

    def log_metrics(self, metrics, step=None):
        self.rows.append((step, dict(metrics)))


def test_means_since_the_last_look_with_images_as_steps(module, trainer, run):
    trainer.loggers = [Recorder()]
    run(trainer, module, Metrics(every_kimg=0.1), batches=3, finish=False)
    ((step, row),) = trainer.loggers[0].rows
    assert (step, row["progress/kimg"]) == (100, 0.1)
    assert row["discriminator/js"] == pytest.approx(2.0 * row["generator/js"])
    assert row["speed/images_per_second"] > 0.0
    assert module.game.window.flush()  # the third batch waits for the next look


def test_auto_looks_once_per_batch_at_most_and_the_end_is_logged(module, trainer, run):
    trainer.loggers = [Recorder()]
    run(trainer, module, Metrics(), batches=4)
    assert [step for step, _ in trainer.loggers[0].rows] == [50, 100, 150, 200]
    trainer.loggers = [Recorder()]
    run(trainer, module, Metrics(every_kimg=10.0), batches=3)
    assert [step for step, _ in trainer.loggers[0].rows] == [350]


def test_growth_is_logged(module, trainer, run):
    trainer.loggers, module.game.stage = [Recorder()], Stage(2, 0.25)
    run(trainer, module, Metrics(), batches=1)
    _, row = trainer.loggers[0].rows[0]
    assert (row["progress/level"], row["progress/fade"]) == (2.0, 0.25)


def test_the_csv_file_is_complete_while_the_run_goes_on(module, trainer, run, tmp_path):
    trainer.loggers = [CsvLogger(str(tmp_path / "log"))]
    run(trainer, module, Metrics(), batches=3, finish=False)
    rows = list(csv.DictReader((tmp_path / "log" / "metrics.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["50", "100", "150"]


def test_latest_losses(module, trainer, run):
    run(trainer, module, Metrics(), batches=2)
    assert set(latest_losses(trainer)) == {"generator/js", "discriminator/js"}
    trainer.callbacks = []
    assert latest_losses(trainer) == {}
