"""Runs of several processes that play together, and of one that plays the same alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor

from gan_zoo.assemble.build import build_game
from gan_zoo.data.load import load_dataset
from gan_zoo.data.loader import LOADER_KEYS, Loader
from gan_zoo.game.game import Game
from gan_zoo.game.player import Player

Played = dict[str, Any]
Job = tuple[dict[str, Any], torch.dtype, int]  # resolved configuration, precision, batches


def play(job: Job, rank: int = 0, world: int = 1) -> Played:
    """Play some batches; return the game's state and the gradients of each player's first step."""
    plain, precision, batches = job
    torch.set_default_dtype(precision)
    try:
        dataset = load_dataset({k: v for k, v in plain["data"].items() if k not in LOADER_KEYS})
        game = build_game(plain, dataset.spec, rank, world)
        first = _listen(game)
        game.start()
        loader = Loader(
            dataset.train, dataset.spec, lambda images: game.batch_size_at(images) // world,
            total_images=10**9, seed=plain["seed"], packs=game.packs, rank=rank, world=world,
            share_labels=game.packs > 1 and game.rules.labels != "none", flip=dataset.spec.is_image,
        )  # fmt: skip
        for _, batch in zip(range(batches), loader, strict=False):
            game.play({**batch, "samples": batch["samples"].to(precision)})
        return {"state": game.state_dict(), "first": first}
    finally:
        torch.set_default_dtype(torch.float32)


def _listen(game: Game) -> dict[str, list[Tensor]]:
    """Keep the gradients of each player's first step, after all processes have averaged them."""
    average, first = game.sync, {}

    def sync(player: Player) -> None:
        if average is not None:
            average(player)
        if player.name not in first:
            first[player.name] = [p.grad.clone() for p in player.parameters if p.grad is not None]

    game.sync = sync
    return first


def play_together(jobs: Mapping[str, Job], world: int, folder: Path) -> dict[str, list[Played]]:
    """Let `world` processes play all jobs one after the other; return what each of them ended with.

    Raises:
        RuntimeError: if one of them fails, or takes minutes.
    """
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(dict(jobs), rank, world, str(folder))) for rank in range(world)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(600)
    codes = [worker.exitcode for worker in workers]
    for worker in workers:
        worker.kill()
    if any(codes):
        raise RuntimeError(f"The processes ended with {codes}.")
    results = [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(world)]
    return {name: [result[name] for result in results] for name in jobs}


def _work(jobs: dict[str, Job], rank: int, world: int, folder: str) -> None:
    torch.set_num_threads(1)
    store = distributed.FileStore(f"{folder}/store", world)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=world)
    torch.save({name: play(job, rank, world) for name, job in jobs.items()}, f"{folder}/{rank}.pt")
    distributed.barrier()
    distributed.destroy_process_group()


def farthest(one: Any, two: Any) -> float:
    """Return the largest difference of any numbers in two equally built trees of tensors and plain values."""
    if isinstance(one, Mapping):
        assert one.keys() == two.keys()
        return max([0.0, *(farthest(one[key], two[key]) for key in one)])
    if isinstance(one, (list, tuple)):
        assert len(one) == len(two)
        return max([0.0, *(farthest(*pair) for pair in zip(one, two, strict=True))])
    if isinstance(one, Tensor):
        assert one.shape == two.shape
        assert one.dtype == two.dtype
        assert torch.equal(one.isnan(), two.isnan())
        return (one.double() - two.double()).abs().nan_to_num(0.0).amax().item() if one.numel() else 0.0
    assert one == two
    return 0.0
