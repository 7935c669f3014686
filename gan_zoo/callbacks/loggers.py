"""What Lightning's loggers lack: pictures, histograms, curves over kimg, and runs that go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytorch_lightning as pl
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger, WandbLogger
from torch import Tensor

from gan_zoo.callbacks.csv_logger import CsvLogger
from gan_zoo.callbacks.wandb_logger import KIMG, WandbRun
from gan_zoo.callbacks.wandb_media import bins_table, histogram

if TYPE_CHECKING:
    from gan_zoo.evaluation.measures.ndb import Binned
    from gan_zoo.module import GANModule

__all__ = [
    "KIMG",
    "close",
    "go_on",
    "introduce",
    "log_bins",
    "log_histograms",
    "log_picture",
    "log_pictures",
    "log_values",
    "rows_logged",
    "send_alert",
    "shows_pictures",
]

LONGEST_TITLE = 63  # letters of an alert, W&B's limit


def introduce(trainer: pl.Trainer, module: GANModule) -> None:
    """Tell Weights & Biases what is trained, and let it draw every curve over kimg.

    Lightning's own logger asks for its step as the axis of `*`. A second pattern beside that one would win at
    random, so the same pattern is given a new axis. Ours sets it when it starts.
    """
    for logger in trainer.loggers:
        if isinstance(logger, WandbRun):
            logger.introduce(module)
        elif isinstance(logger, WandbLogger):
            logger.experiment.define_metric(KIMG)
            logger.experiment.define_metric("*", step_metric=KIMG, step_sync=True)


def rows_logged(trainer: pl.Trainer) -> int | None:
    """Return how many rows the run's table has, None without one."""
    counts = [logger.count for logger in trainer.loggers if isinstance(logger, CsvLogger)]
    return counts[0] if counts else None


def go_on(trainer: pl.Trainer, images: int, rows: int | None = None) -> None:
    """Let the loggers of a run that goes on forget, or skip, what they have of the time after its checkpoint.

    Args:
        images: real images that the checkpoint has seen.
        rows: that the table had when it was saved, where that is known; a row may come after it, for the
            same images.
    """
    kept: list[dict[str, str]] = []
    for logger in trainer.loggers:
        if isinstance(logger, CsvLogger):
            logger.cut(images, rows)
            kept = logger.rows()
    for logger in trainer.loggers:
        if isinstance(logger, WandbRun):
            logger.rows = kept
        if isinstance(logger, TensorBoardLogger):
            logger._kwargs["purge_step"] = images + 1


def log_values(trainer: pl.Trainer, values: dict[str, float], images: int) -> None:
    """Send numbers to every logger, with kimg among them.

    Args:
        images: real images seen so far; the step of loggers that count steps.
    """
    for logger in trainer.loggers:
        logger.log_metrics({**values, KIMG: images / 1000.0}, step=images)
        if isinstance(logger, CSVLogger):
            logger.save()  # by itself it waits for a step that 100 divides, which may never come


def log_picture(
    trainer: pl.Trainer, name: str, picture: Image.Image, images: int, caption: str | None = None
) -> None:
    """Send a picture to every logger that shows pictures.

    Args:
        name: key of the picture.
        images: real images seen so far.
        caption: below the picture.
    """
    log_pictures(trainer, name, [(picture, caption)], images)


def log_pictures(
    trainer: pl.Trainer, name: str, shown: Iterable[tuple[Image.Image, str | None]], images: int
) -> None:
    """Send pictures with their captions, which stand side by side, to every logger that shows pictures."""
    shown = list(shown)
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            _send(logger, {name: [wandb.Image(picture, caption=text) for picture, text in shown]}, images)
        elif isinstance(logger, TensorBoardLogger):
            for index, (picture, _) in enumerate(shown):
                key = name if len(shown) == 1 else f"{name}/{index}"
                logger.experiment.add_image(key, np.asarray(picture), images, dataformats="HWC")


def log_histograms(trainer: pl.Trainer, values: Mapping[str, Tensor], images: int) -> None:
    """Send histograms of the finite ones of `values` `[N]`, by key, to every logger that shows them."""
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            found = {name: histogram(each) for name, each in values.items()}
            _send(logger, {name: each for name, each in found.items() if each is not None}, images)
        elif isinstance(logger, TensorBoardLogger):
            for name, each in values.items():
                if len(finite := each[each.isfinite()].float().cpu()):
                    logger.experiment.add_histogram(name, finite, images)


def log_bins(trainer: pl.Trainer, name: str, binned: Binned, images: int) -> None:
    """Send the bins of NDB as a table to loggers that show tables."""
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            _send(logger, {name: bins_table(binned)}, images)


def shows_pictures(trainer: pl.Trainer) -> bool:
    """Say whether any logger shows pictures, so that none is made for nobody."""
    return any(isinstance(logger, (WandbLogger, TensorBoardLogger)) for logger in trainer.loggers)


def send_alert(trainer: pl.Trainer, title: str, text: str) -> None:
    """Send a message through loggers that reach a person: an alert of Weights & Biases (mail, Slack)."""
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.alert(title=title[:LONGEST_TITLE], text=text, level="WARN")


def close(trainer: pl.Trainer, exit_code: int, preempted: bool = False) -> None:
    """End what loggers have open, with the state that the run ended in; W&B would go on with it otherwise.

    Args:
        exit_code: of the process; 0 if all went well.
        preempted: whether the run was saved to go on later.
    """
    ours = [logger for logger in trainer.loggers if isinstance(logger, WandbRun)]
    for logger in ours:
        logger.close(exit_code, preempted)
    if any(isinstance(logger, WandbLogger) and logger not in ours for logger in trainer.loggers):
        import wandb

        wandb.finish(exit_code=exit_code)


def _send(logger: WandbLogger, values: dict[str, Any], images: int) -> None:
    if values:
        logger.log_metrics({**values, KIMG: images / 1000.0}, step=images)
