"""One run from a configuration to a run directory; reads like a table of contents."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from gan_zoo.assemble.compose import composition_lines
from gan_zoo.assemble.continuing import continuation, restore
from gan_zoo.assemble.distributed import SharedBatch, SharedStop, lost_processes, strategy_arguments
from gan_zoo.assemble.guard import Guard
from gan_zoo.assemble.prepare import prepare
from gan_zoo.assemble.processes import processes_of
from gan_zoo.assemble.trainer_parts import build_callbacks, build_loggers
from gan_zoo.callbacks.checkpoints import in_order
from gan_zoo.callbacks.loggers import close
from gan_zoo.callbacks.metrics import latest_losses
from gan_zoo.callbacks.signals import Preempted, exit_codes, preempted_by
from gan_zoo.checkpoint import write_bytes
from gan_zoo.config.schema import RunConfig
from gan_zoo.config.started import FILE, Started
from gan_zoo.data.loader import Loader
from gan_zoo.module import GANModule


def train(
    config: RunConfig,
    callbacks: Mapping[str, Any],
    loggers: Mapping[str, Any],
    command: str,
    overrides: Sequence[str] = (),
    resumes: bool = False,
) -> dict[str, float]:
    """Train as configured, and leave samples, a checkpoint and a summary in the run directory.

    Args:
        config: what was asked for, range-checked.
        callbacks: Lightning callbacks as `_target_` dictionaries by name.
        loggers: Lightning loggers, likewise.
        command: what the user typed, for the summary.
        overrides: the same in Hydra's grammar, so that the run can be gone on with.
        resumes: whether the run in `config.run_dir` goes on, if it has saved anything.

    Returns:
        The means of the last logged losses, for sweeps.

    Raises:
        UserError: before anything is written, for whatever cannot work.
    """
    _quiet()
    if config.trainer.threads is not None:
        torch.set_num_threads(config.trainer.threads)
    pl.seed_everything(config.seed, verbose=False)
    going = continuation(config) if resumes else None
    module, loader, resolved, found = prepare(config, command, going)
    observers = in_order(build_callbacks(callbacks, config.plugins))
    guard = Guard(config.guard, observers)
    processes = processes_of(module.config["trainer"])
    started = Started(tuple(overrides), config.to_plain()).to_text().encode()
    begin = partial(write_bytes, module.run_dir / FILE, started)
    built = _open(loggers, module, config.plugins, begin) if processes.is_first else []
    if processes.is_first:
        notes = [f"note: {text}" for text in found]
        print(*composition_lines(resolved, module.game), *notes, sep="\n", flush=True)
    trainer = build_trainer(resolved.config, [*observers, guard], built)
    if isinstance(trainer.strategy, SharedBatch):
        trainer.strategy.begin = begin
    restore(trainer, [*observers, guard], going)
    _fit(trainer, module, loader, guard, built)
    return latest_losses(trainer)


def _fit(trainer: pl.Trainer, module: GANModule, loader: Loader, guard: Guard, loggers: list[Any]) -> None:
    """Train to the end, and again from a healthy checkpoint where the guard goes back to one."""
    observers = guard.observers
    with exit_codes(observers), lost_processes(trainer, module.run_dir):
        try:
            trainer.fit(module, loader)
            while guard.goes_on and preempted_by(observers) is None:  # from a healthy checkpoint
                module, loader = guard.following()
                trainer = build_trainer(module.config, [*observers, guard], loggers)
                trainer.fit(module, loader)
        finally:
            _finish(trainer)


def _open(
    loggers: Mapping[str, Any], module: GANModule, plugins: Sequence[str], begin: Callable[[], Any]
) -> list[Any]:
    """Make the run's folder and its loggers; where further processes still read it, they begin later."""
    module.run_dir.mkdir(parents=True, exist_ok=True)
    if module.game.draws.world == 1:
        begin()
    return build_loggers(loggers, module.run_dir, plugins, module)


def build_trainer(plain: Mapping[str, Any], callbacks: list[pl.Callback], loggers: list[Any]) -> pl.Trainer:
    """Build Lightning's trainer; counting, checkpoints and progress are ours."""
    trainer = plain["trainer"]
    processes = processes_of(trainer)
    shared = [SharedStop()] if processes.world > 1 and plain["guard"] == "stop" else []
    return pl.Trainer(
        accelerator=trainer["accelerator"],
        **strategy_arguments(processes, Path(plain["run_dir"])),
        precision=trainer["precision"],
        logger=loggers,
        callbacks=[*callbacks, *shared],
        max_epochs=1,
        max_steps=-1,
        log_every_n_steps=1,  # we log by images; this only silences advice
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )


def _quiet() -> None:
    """Silence Lightning's advertisements and advice that does not apply to a game."""
    for name in (
        "pytorch_lightning",
        "lightning",
        "lightning.pytorch",
        "lightning.fabric",
        "lightning_fabric",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (".*does not have many workers.*", ".*`isinstance\\(treespec, LeafSpec\\)`.*"):
        warnings.filterwarnings("ignore", message)


def _finish(trainer: pl.Trainer) -> None:
    """Close loggers even when the run failed, with the state that it ended in."""
    failed = trainer.interrupted or trainer.state.status.value not in ("finished", "stopped")
    received = preempted_by(trainer.callbacks)  # type: ignore[attr-defined]
    for logger in trainer.loggers:
        logger.finalize("failed" if failed else "success")
    code = int(failed) if received is None else int(str(Preempted(received).code))
    close(trainer, code, preempted=received is not None)
