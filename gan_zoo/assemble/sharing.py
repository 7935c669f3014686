"""What a run needs so that several processes compute what one would: checked before they start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from gan_zoo.assemble.processes import Processes
from gan_zoo.errors import UserError
from gan_zoo.game.game import Game
from gan_zoo.stabilizers.minibatch_stddev import MinibatchStddev
from gan_zoo.types import DISCRIMINATOR


def check_sharing(plain: dict[str, Any], game: Game, processes: Processes) -> None:
    """Refuse what several processes cannot share.

    Raises:
        UserError: with all that is wrong.
    """
    if processes.world == 1:
        return
    found = [*_batches(game, processes.world), *_others(plain, processes)]
    if found:
        raise UserError("\n".join(found))


def _batches(game: Game, world: int) -> Iterator[str]:
    """Yield what is wrong with the batch size of any level of growth."""
    pieces, size = game.rules.accumulation, game.rules.batch_size
    sizes = {size}
    if game.growth is not None:
        sizes = {game.growth.batch_at_level(level, size) for level in range(len(game.growth.levels))}
    groups = [m.group_size for m in game.networks[DISCRIMINATOR].modules() if isinstance(m, MinibatchStddev)]
    unit = world * pieces * max([1, *groups])
    key = "batch_size" if game.growth is None else "the batch size of each level, batch_size and growth's,"
    for each in sorted(each for each in sizes if each % unit):
        parts = [f"{world} processes"] + ([f"optimizer.accumulation={pieces}"] if pieces > 1 else [])
        parts += [f"groups of {max(groups)} (minibatch_stddev)"] if max([1, *groups]) > 1 else []
        yield (
            f"batch_size={each} is that of all processes together, and cannot be shared by "
            f"{' with '.join(parts)}: {key} must be a multiple of {unit}. Type for example "
            f"batch_size={-(-each // unit) * unit}"
            + (", or fewer trainer.devices." if not groups else ", or group_size=0 (the whole batch).")
        )


def _others(plain: dict[str, Any], processes: Processes) -> Iterator[str]:
    if plain["guard"] == "rollback":
        yield (
            f"guard=rollback builds the run anew on one process, and this one has {processes.world}. Type "
            f"guard=stop, and go on by hand with resume= or init_from=."
        )
    if HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN and not processes.launcher:
        yield (
            f"A sweep in one process cannot start {processes.world} processes for each of its runs. Type "
            f"hydra/launcher=joblib hydra.launcher.n_jobs=1, or let a scheduler start them (docs/sweeps.md)."
        )
