"""What Lightning's loggers lack: pictures, curves over kimg, and Weights & Biases without a prompt."""

from __future__ import annotations

import netrc
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import pytorch_lightning as pl
from PIL import Image
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger, WandbLogger

from gan_zoo.callbacks.csv_logger import CsvLogger
from gan_zoo.checkpoint import write_bytes
from gan_zoo.errors import UserError, did_you_mean

KIMG = "progress/kimg"
MODES = ("auto", "online", "offline", "disabled")
WANDB_URL = "https://api.wandb.ai"


def use_kimg_as_axis(trainer: pl.Trainer) -> None:
    """Let Weights & Biases draw every curve over kimg.

    Lightning asks for its own step as the axis of `*`. A second pattern beside that one would win at random,
    so the same pattern is given a new axis.
    """
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
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
    logged = max(
        [logger.cut(images, rows) for logger in trainer.loggers if isinstance(logger, CsvLogger)], default=0
    )
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            logger.sent = logged  # type: ignore[attr-defined]
        if isinstance(logger, TensorBoardLogger):
            logger._kwargs["purge_step"] = images + 1


def log_values(trainer: pl.Trainer, values: dict[str, float], images: int) -> None:
    """Send numbers to every logger, with kimg among them.

    Args:
        images: real images seen so far; the step of loggers that count steps.
    """
    for logger in trainer.loggers:
        if images <= getattr(logger, "sent", -1):
            continue  # a row that the same run sent before it was interrupted
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
        if images <= getattr(logger, "sent", -1):
            continue
        if isinstance(logger, WandbLogger):
            import wandb

            values: dict[str, Any] = {name: wandb.Image(picture), KIMG: images / 1000.0}
            logger.log_metrics(values, step=images)
        elif isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(name, np.asarray(picture), global_step=images, dataformats="HWC")


def send_alert(trainer: pl.Trainer, title: str, text: str) -> None:
    """Send a message through loggers that reach a person: an alert of Weights & Biases (mail, Slack)."""
    for logger in trainer.loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.alert(title=title, text=text)


def wandb_logger(
    save_dir: str, project: str = "gan_zoo", name: str | None = None, group: str | None = None,
    tags: Sequence[str] = (), mode: str = "auto", timeout_s: float = 20.0,
) -> WandbLogger:  # fmt: skip
    """Start a run of Weights & Biases that never asks anything, and return its logger.

    Whoever calls this calls `wandb.finish()` in a `finally`; an open run would swallow the next one.

    Args:
        save_dir: folder in which `wandb/` appears.
        project: in which project.
        name: of the run.
        group: of runs that belong together, such as a sweep.
        tags: of the run.
        mode: `online`, `offline` (upload later with `wandb sync`), `disabled`, or `auto`: what WANDB_MODE
            says, else online where there is a key and the server answers, else offline.
        timeout_s: seconds to wait for the server.

    Raises:
        UserError: for an unknown mode, a missing package, or when `online` was asked for and cannot be had.
    """
    if mode not in MODES:
        raise UserError(f"logger.wandb.mode='{mode}'. {did_you_mean(mode, MODES)}")
    try:
        import wandb
    except ImportError as error:
        raise UserError("logger=wandb needs the package wandb. Type: pip install wandb") from error
    names: dict[str, Any] = {"project": project, "name": name, "group": group, "tags": list(tags)}
    run_id = _run_id(Path(save_dir))

    def start(chosen: Any) -> Any:
        settings = wandb.Settings(console="off", init_timeout=timeout_s)
        return wandb.init(mode=chosen, settings=settings, dir=save_dir, id=run_id, resume="allow", **names)

    Path(save_dir).mkdir(parents=True, exist_ok=True)
    chosen = _chosen(mode)
    if chosen == "online" and not _has_key():  # on a terminal wandb would stop and ask for one
        raise UserError(
            "logger.wandb.mode=online needs a login. Run `wandb login`, or type logger.wandb.mode=auto"
        )
    try:
        run = start(chosen)
    except (wandb.errors.CommError, wandb.errors.UsageError) as error:
        if mode != "auto":
            raise UserError(f"Weights & Biases cannot start: {error}. Type logger.wandb.mode=auto") from error
        print(f"Weights & Biases cannot be reached; the run is recorded in {save_dir}/wandb.")  # noqa: T201
        run = start("offline")
    return WandbLogger(experiment=run, save_dir=save_dir, project=project)


def _run_id(save_dir: Path) -> str:
    """Return the name that Weights & Biases knows the run in this folder by; the same when it goes on."""
    path = save_dir / "wandb" / "run_id"
    if not path.exists():
        write_bytes(path, secrets.token_hex(4).encode())
    return path.read_text(encoding="utf-8").strip()


def _chosen(mode: str) -> str:
    asked = os.environ.get("WANDB_MODE", "")
    if mode != "auto":
        return mode
    if asked in ("offline", "dryrun", "disabled"):
        return "offline" if asked == "dryrun" else asked
    return "online" if _has_key() else "offline"


def _has_key() -> bool:
    """Say whether wandb would find a key, so that it is never started where it would ask for one."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlparse(os.environ.get("WANDB_BASE_URL", WANDB_URL)).hostname or ""
    try:
        return netrc.netrc(os.environ.get("NETRC") or None).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False
