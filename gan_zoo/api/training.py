"""`gan_zoo.train`: one run inside a program or a notebook, as often as wanted."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from gan_zoo.api.overrides import Overrides, to_words
from gan_zoo.api.run import Run
from gan_zoo.cli import folders, resume
from gan_zoo.cli.composing import Composed, as_hydra_job, compose_run
from gan_zoo.config import RunConfig
from gan_zoo.config.dictconfig import outside_group
from gan_zoo.config.plugins import import_plugins
from gan_zoo.config.started import is_finished, key_of
from gan_zoo.errors import UserError


def train(overrides: Overrides = ()) -> Run:
    """Train one GAN here, and return its run.

    The interrupt button of a notebook, or Ctrl-C, saves the run after its step; `resume=DIR` goes on with it.
    Errors leave the run directory with what there is.

    Args:
        overrides: what would be typed after `python train.py`: a text, a list of texts, or a dictionary.

    Raises:
        UserError: before anything is written, for whatever cannot work.
        KeyboardInterrupt: if it was interrupted and is saved.
        SystemExit: with 75 if SIGTERM or SIGUSR1 asked the process to end, and the run is saved.

    Example, not run here because it trains:

        run = gan_zoo.train("model=mlp data=ring kimg=20")
        run = gan_zoo.train({"model": "dcgan", "loss": "hinge", "stabilizer": ["spectral_norm"]})
    """
    typed = to_words(overrides)
    composed = _in_free_folder(compose_run(typed), typed)
    config = RunConfig.from_hydra(composed.config, composed.words, run_dir=str(composed.folder))
    resumes = bool(composed.config.get(resume.KEY))
    if resumes and composed.config[resume.KEY] == resume.AUTO and is_finished(composed.folder, config.kimg):
        return Run(composed.folder)
    if not resumes:
        folders.refuse_used(composed.folder)
    if config.trainer.devices != 1 or config.trainer.num_nodes != 1:
        raise UserError(
            f"trainer.devices={config.trainer.devices}: gan_zoo.train trains in this process alone. For "
            f"several type {_command(composed)}"
        )
    import_plugins(config.plugins)
    with as_hydra_job(composed), _as_before():
        _train(composed, config, resumes)
    return Run(composed.folder)


def _train(composed: Composed, config: RunConfig, resumes: bool) -> None:
    """Train, and turn a run that was interrupted from the keyboard into what notebooks expect."""
    callbacks, loggers = outside_group(composed.config, "callbacks"), outside_group(composed.config, "logger")
    from gan_zoo.assemble.train import train as train_run  # torch: only now
    from gan_zoo.callbacks.signals import Preempted

    words = [word for word in composed.words if key_of(word) != resume.KEY]
    try:
        train_run(config, callbacks, loggers, _command(composed), words, resumes)
    except Preempted as leaving:
        if leaving.received != signal.SIGINT:
            raise
        again = f'gan_zoo.train(["resume={composed.folder}"])'
        raise KeyboardInterrupt(f"The run is saved; {again} goes on with it.") from None


def _command(composed: Composed) -> str:
    """Return what does the same in a terminal."""
    return f"gan-zoo train {shlex.join(composed.words)}".strip()


def _in_free_folder(composed: Composed, typed: list[str]) -> Composed:
    """Return the same run in a folder beside its own, where the folder's name was not chosen and is in use.

    Names end with the second, and a loop in a program is faster.
    """
    chosen = any(key_of(word) in ("run_dir", "hydra.run.dir", resume.KEY) for word in typed)
    if chosen or not composed.folder.exists():
        return composed
    number = 2
    while (folder := composed.folder.with_name(f"{composed.folder.name}-{number}")).exists():
        number += 1
    return Composed(composed.config, composed.hydra, folder, composed.words)


@contextmanager
def _as_before() -> Iterator[None]:
    """Let torch's number of threads, and Lightning's notes of the seed, be what they were."""
    import torch

    threads = torch.get_num_threads()
    noted = {name: os.environ.get(name) for name in ("PL_GLOBAL_SEED", "PL_SEED_WORKERS")}
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        for name, value in noted.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
