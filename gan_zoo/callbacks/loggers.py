"""What Lightning's loggers do not do by themselves: pictures, and curves over kimg in Weights & Biases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger, WandbLogger

KIMG = "progress/kimg"


def use_kimg_as_axis(trainer: pl.Trainer) -> None:
    """Let Weights & Biases draw every curve over kimg.

    Lightning asks for its own step as the axis of `*`. A second pattern beside that one would win at random, so the
    same pattern is given a new axis.
    """
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.define_metric(KIMG)
            logger.experiment.define_metric("*", step_metric=KIMG, step_sync=True)


def log_values(trainer: pl.Trainer, values: dict[str, float], images: int) -> None:
    """Send numbers to every logger, with kimg among them.

    Args:
        images: real images seen so far; the step of loggers that count steps.
    """
    for logger in trainer.loggers:
        logger.log_metrics({**values, KIMG: images / 1000.0}, step=images)
        if isinstance(logger, CSVLogger):
            logger.save()  # by itself it waits for a step that 100 divides, which may never come


def log_picture(trainer: pl.Trainer, name: str, picture: Image.Image, images: int) -> None:
    """Send a picture to every logger that shows pictures.

    Args:
        name: key of the picture.
        images: real images seen so far.
    """
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            import wandb

            values: dict[str, Any] = {name: wandb.Image(picture), KIMG: images / 1000.0}
            logger.log_metrics(values, step=images)
        elif isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, np.asarray(picture), global_step=images, dataformats="HWC")
