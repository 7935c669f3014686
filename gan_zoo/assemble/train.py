"""One run from a configuration to a run directory; reads like a table of contents."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from gan_zoo.assemble.build import build_game
from gan_zoo.assemble.compose import composition_lines
from gan_zoo.assemble.initialize import initialize_from
from gan_zoo.assemble.resolve import Resolved, resolve
from gan_zoo.assemble.trainer_parts import build_callbacks, build_loggers
from gan_zoo.callbacks.metrics import latest_losses
from gan_zoo.config.schema import RunConfig
from gan_zoo.data.base import Dataset
from gan_zoo.data.load import load_dataset
from gan_zoo.data.loader import LOADER_KEYS, Loader
from gan_zoo.errors import UserError
from gan_zoo.game.game import Game
from gan_zoo.losses.base import LOSSES
from gan_zoo.module import GANModule
from gan_zoo.preflight import Subject, dry_run, preflight
from gan_zoo.regularizers.base import REGULARIZERS


def train(
    config: RunConfig, callbacks: Mapping[str, Any], loggers: Mapping[str, Any], command: str
) -> dict[str, float]:
    """Train as configured, and leave samples, a checkpoint and a summary in the run directory.

    Args:
        config: what was asked for, range-checked.
        callbacks: Lightning callbacks as `_target_` dictionaries by name.
        loggers: Lightning loggers, likewise.
        command: what the user typed, for the summary.

    Returns:
        The means of the last logged losses, for sweeps.

    Raises:
        UserError: before anything is written, for whatever cannot work.
    """
    _quiet()
    if config.trainer.threads is not None:
        torch.set_num_threads(config.trainer.threads)
    pl.seed_everything(config.seed, verbose=False)
    module, loader, resolved, found = prepare(config, command)
    observers = build_callbacks(callbacks, config.plugins)
    module.run_dir.mkdir(parents=True, exist_ok=True)
    built = build_loggers(loggers, module.run_dir, config.plugins)
    trainer = build_trainer(resolved.config, observers, built)
    lines = [*composition_lines(resolved, module.game), *(f"note: {text}" for text in found)]
    print("\n".join(lines), flush=True)
    try:
        trainer.fit(module, loader)
    finally:
        _finish(trainer)
    return latest_losses(trainer)


def prepare(config: RunConfig, command: str) -> tuple[GANModule, Loader, Resolved, list[str]]:
    """Load the data, resolve, build and check everything; nothing is written."""
    asked = config.to_plain()
    _check_devices(asked["trainer"]["devices"])
    dataset = load_dataset({key: value for key, value in asked["data"].items() if key not in LOADER_KEYS})
    _check_labels(asked, dataset)
    resolved = resolve(asked, dataset.spec)
    plain = resolved.config
    game = build_game(plain, dataset.spec)
    subject = Subject(
        game=game,
        loss=LOSSES.build(**plain["loss"]),
        loss_name=plain["loss"]["name"],
        regularizers={name: REGULARIZERS.build(**p) for name, p in plain["regularizer"].items()},
        train_images=len(dataset.train),
        optimizer=plain["optimizer"],
        output=dry_run(game),
    )
    found = preflight(subject)
    if plain["init_from"]:
        initialize_from(plain["init_from"], game)
    module = GANModule(
        game, plain, dataset, Path(plain["run_dir"]), command, bool(plain["trainer"]["channels_last"])
    )
    return module, build_loader(plain, dataset, game), resolved, found


def build_loader(plain: Mapping[str, Any], dataset: Dataset, game: Game) -> Loader:
    """Build the loader; its plan is a function of the image count."""
    return Loader(
        samples=dataset.train,
        spec=dataset.spec,
        batch_size=game.batch_size_at,
        packs=game.packs,
        total_images=game.total_images,
        seed=plain["seed"],
        flip=bool(plain["data"].get("flip", False)),
        device=training_device(plain["trainer"]["accelerator"]),
        share_labels=game.packs > 1 and game.rules.labels != "none",
    )


def build_trainer(plain: Mapping[str, Any], callbacks: list[pl.Callback], loggers: list[Any]) -> pl.Trainer:
    """Build Lightning's trainer; counting, checkpoints and progress are ours."""
    trainer = plain["trainer"]
    return pl.Trainer(
        accelerator=trainer["accelerator"],
        devices=trainer["devices"],
        precision=trainer["precision"],
        logger=loggers,
        callbacks=callbacks,
        max_epochs=1,
        max_steps=-1,
        log_every_n_steps=1,  # we log by images; this only silences advice
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def training_device(accelerator: str) -> torch.device:
    """Return the device that Lightning will train on."""
    if accelerator in ("gpu", "cuda") or (accelerator == "auto" and torch.cuda.is_available()):
        if not torch.cuda.is_available():
            raise UserError(
                "trainer=gpu, but torch sees no CUDA device here. Type trainer=cpu, or trainer=auto."
            )
        return torch.device("cuda", torch.cuda.current_device())
    if accelerator == "mps" or (accelerator == "auto" and torch.backends.mps.is_available()):
        if not torch.backends.mps.is_available():
            raise UserError(
                "trainer=mps, but this machine has no Apple GPU. Type trainer=cpu, or trainer=auto."
            )
        return torch.device("mps")
    return torch.device("cpu")


def _check_devices(devices: int | str) -> None:
    if devices != 1:
        raise UserError(
            f"trainer.devices={devices}: a run uses one device; gradients of several would not be averaged. "
            f"Type trainer.devices=1, and set CUDA_VISIBLE_DEVICES to choose which."
        )


def _check_labels(asked: Mapping[str, Any], dataset: Dataset) -> None:
    if asked["model"]["labels"] != "none" and not dataset.spec.classes:
        raise UserError(
            f"model={asked['model']['name']} is conditional, but the data '{dataset.spec.name}' have no "
            f"labels. Give labeled data (sub-folders are labels), or type model=dcgan."
        )


def _quiet() -> None:
    """Silence Lightning's advertisements and advice that does not apply to a game."""
    for name in ("pytorch_lightning", "lightning", "lightning.pytorch"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (".*does not have many workers.*", ".*`isinstance\\(treespec, LeafSpec\\)`.*"):
        warnings.filterwarnings("ignore", message)


def _finish(trainer: pl.Trainer) -> None:
    """Close loggers even when the run failed; W&B would merge the next run into an open one."""
    failed = trainer.interrupted or trainer.state.status.value not in ("finished", "stopped")
    for logger in trainer.loggers:
        logger.finalize("failed" if failed else "success")
    if any("wandb" in type(logger).__name__.lower() for logger in trainer.loggers):
        import wandb

        wandb.finish(exit_code=1 if failed else 0)
