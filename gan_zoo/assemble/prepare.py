"""From a configuration to a module and a loader that are ready to train; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from gan_zoo.assemble.build import build_game
from gan_zoo.assemble.continuing import Continuation, check_data
from gan_zoo.assemble.initialize import initialize_from
from gan_zoo.assemble.processes import processes_of
from gan_zoo.assemble.resolve import Resolved, resolve
from gan_zoo.assemble.sharing import check_sharing
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


def prepare(
    config: RunConfig, command: str, going: Continuation | None = None
) -> tuple[GANModule, Loader, Resolved, list[str]]:
    """Load the data, resolve, build and check everything; nothing is written.

    Args:
        config: what was asked for.
        command: what the user typed.
        going: where the run stands, if it goes on; its configuration is then resolved already.

    Raises:
        UserError: for whatever cannot work.
    """
    asked = config.to_plain() if going is None else going.config
    processes_of(asked["trainer"])  # refuses numbers that do not fit before any data are read
    dataset = load_dataset({key: value for key, value in asked["data"].items() if key not in LOADER_KEYS})
    _check_labels(asked, dataset)
    if going is not None:
        check_data(dataset, going)
        module, loader, _ = build_run(going.config, dataset, command)
        module.saved, loader.images = going.saved["game"], going.images
        return module, loader, Resolved(going.config), [going.line, *going.notes, *dataset.notes]
    resolved = resolve(asked, dataset.spec)
    module, loader, found = build_run(resolved.config, dataset, command)
    if resolved.config["init_from"]:
        initialize_from(resolved.config["init_from"], module.game)
    return module, loader, resolved, [*dataset.notes, *found]


def build_run(plain: dict[str, Any], dataset: Dataset, command: str) -> tuple[GANModule, Loader, list[str]]:
    """Build and check a resolved configuration; return what trains, what feeds it, and the warnings.

    Raises:
        UserError: for a combination that is known to be bad.
    """
    processes = processes_of(plain["trainer"])
    game = build_game(plain, dataset.spec, processes.rank, processes.world)
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
    check_sharing(plain, game, processes)
    module = GANModule(
        game, plain, dataset, Path(plain["run_dir"]), command, bool(plain["trainer"]["channels_last"])
    )
    return module, build_loader(plain, dataset, game), found


def build_loader(plain: Mapping[str, Any], dataset: Dataset, game: Game) -> Loader:
    """Build the loader of this process' share; its plan is a function of the image count."""
    rank, world = game.draws.rank, game.draws.world
    return Loader(
        samples=dataset.train,
        spec=dataset.spec,
        batch_size=lambda images: game.batch_size_at(images) // world,
        packs=game.packs,
        total_images=game.total_images,
        seed=plain["seed"],
        flip=bool(plain["data"].get("flip", False)),
        device=training_device(plain["trainer"]["accelerator"], processes_of(plain["trainer"]).local_rank),
        share_labels=game.packs > 1 and game.rules.labels != "none",
        rank=rank,
        world=world,
    )


def training_device(accelerator: str, local_rank: int = 0) -> torch.device:
    """Return the device that Lightning will train on, in the process `local_rank` of this machine.

    Raises:
        UserError: if there is none.
    """
    if accelerator in ("gpu", "cuda") or (accelerator == "auto" and torch.cuda.is_available()):
        if not torch.cuda.is_available():
            raise UserError(
                "trainer=gpu, but torch sees no CUDA device here. Type trainer=cpu, or trainer=auto."
            )
        if local_rank >= torch.cuda.device_count():
            raise UserError(
                f"Process {local_rank} of this machine finds no GPU: torch sees {torch.cuda.device_count()}. "
                f"Type trainer.devices={torch.cuda.device_count()}, and let every process see all GPUs "
                f"(SLURM: --gres=gpu:N per node, not --gpus-per-task)."
            )
        return torch.device("cuda", local_rank or torch.cuda.current_device())
    if accelerator == "mps" or (accelerator == "auto" and torch.backends.mps.is_available()):
        if not torch.backends.mps.is_available():
            raise UserError(
                "trainer=mps, but this machine has no Apple GPU. Type trainer=cpu, or trainer=auto."
            )
        return torch.device("mps")
    return torch.device("cpu")


def _check_labels(asked: Mapping[str, Any], dataset: Dataset) -> None:
    if asked["model"]["labels"] != "none" and not dataset.spec.classes:
        raise UserError(
            f"model={asked['model']['name']} is conditional, but the data '{dataset.spec.name}' have no "
            f"labels. Give labeled data (sub-folders are labels), or type model=dcgan."
        )
