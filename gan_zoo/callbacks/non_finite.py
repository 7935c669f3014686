"""Says which player and term gave numbers that are not finite, and ends a run that gives no others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from tqdm import tqdm

from gan_zoo.callbacks.alarm import say
from gan_zoo.callbacks.checkpoints import Checkpoints
from gan_zoo.callbacks.loggers import log_values, send_alert
from gan_zoo.callbacks.observer import Observer
from gan_zoo.checkpoint import LAST, image_name, write_aside
from gan_zoo.errors import UserError
from gan_zoo.game.skips import GRADIENT, Tally
from gan_zoo.types import DISCRIMINATOR

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

EVERY = 50  # batches between two looks at most; a look waits for the device once


class NotFiniteError(UserError):
    """A run ended because the last steps of a player would all have made numbers infinite or undefined."""


class NonFinite(Observer):
    """Tells which steps the game did not apply because a loss term or a gradient was not finite.

    The game leaves weights, moments, buffers and averages as they were before such a step, so they are always
    finite, and so is every checkpoint. Each episode (steps that begin to be skipped after at least 50 that
    were applied) is told once. When they have grown, the loggers get `vitals/<player>_skipped_steps`, how
    many so far, and `vitals/<player>_skipped_steps/<cause>`, where the cause is a term or `gradient`.

    Every process looks, so that all of them end a run that gets nowhere; only the first one tells. The run
    ends between two batches, so that it is saved as it is.

    Args:
        most_in_a_row: a player's skipped steps without one that was applied, after which the run ends.
        save_batch: whether each episode's first batch of reals is kept in `non_finite/`; the run then waits
            for the device in each step.

    Raises:
        UserError: if `most_in_a_row` is no whole number of at least 1, or `save_batch` no truth value.
    """

    def __init__(self, most_in_a_row: int = 100, save_batch: bool = False) -> None:
        if isinstance(most_in_a_row, bool) or not isinstance(most_in_a_row, int) or most_in_a_row < 1:
            raise UserError(f"non_finite: most_in_a_row={most_in_a_row!r}; give a whole number from 1 on.")
        if not isinstance(save_batch, bool):
            raise UserError(f"non_finite: save_batch={save_batch!r}; give true or false.")
        self.most_in_a_row, self.save_batch = most_in_a_row, save_batch
        self._every = 1 if save_batch else min(EVERY, most_in_a_row)
        self._told: dict[str, int] = {}  # episodes by player
        self._logged: dict[str, int] = {}  # skipped steps by player
        self._tells = False
        self._batch: Any = None
        self._ending: str | None = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start on every process."""
        super().on_train_start(trainer, pl_module)
        self._tells, self.started, self._ending = self.started, True, None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """End the run, if the last look said so.

        Raises:
            NotFiniteError: if a player's last steps were all skipped.
        """
        if self._ending is not None:
            raise NotFiniteError(self._ending)

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Step, with the batch at hand."""
        self._batch = batch
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)
        self._batch = None

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Tell only of what comes from here on."""
        tallies = module.game.skips.read()
        self._told = {str(player): tally.episodes for player, tally in tallies.items()}
        self._logged = {str(player): tally.total for player, tally in tallies.items()}

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at every fiftieth step of the discriminator, or more often where the run may end sooner."""
        if module.game.steps[DISCRIMINATOR] % self._every:
            return
        self.look(trainer, module)
        for player, tally in module.game.skips.read().items():
            if tally.in_a_row >= self.most_in_a_row:
                self._ending = self._why(trainer, module, player, tally)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Tell what came since the last look."""
        self.look(trainer, module)

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Tell what came since the last look."""
        self.look(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return what was told; the counts are the game's."""
        return {"told": dict(self._told), "logged": dict(self._logged)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what was told."""
        self._told, self._logged = dict(state_dict["told"]), dict(state_dict["logged"])

    def look(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Log counts that have grown, and tell of new episodes."""
        for player, tally in module.game.skips.read().items():
            if self._tells and tally.total != self._logged.get(player, 0):
                self._logged[player] = tally.total
                log_values(trainer, _values(player, tally), module.game.images)
            if tally.episodes != self._told.get(player, 0):
                self._told[player] = tally.episodes
                self._tell(module, player, tally)

    def _tell(self, module: GANModule, player: str, tally: Tally) -> None:
        if self._tells:
            say(
                f"Steps of the {player} are not applied, {_since(player, tally)}.",
                f"       The run goes on, and ends after {self.most_in_a_row} such steps in a row.",
            )
        if self.save_batch:
            self._keep(module, player, tally)

    def _keep(self, module: GANModule, player: str, tally: Tally) -> None:
        """Save this process's share of the batch; a full disk is no reason to end the run."""
        if self._batch is None:
            return
        ((cause, images),) = tally.since.items()
        game = module.game
        rank = f"-rank{module.global_rank}" if game.draws.world > 1 else ""
        path = module.run_dir / "non_finite" / f"{image_name(images)}-{player}-{cause}{rank}.pt"
        batch = {k: v.cpu() if isinstance(v, Tensor) else v for k, v in self._batch.items()}
        position = {"images": images, "steps": dict(game.steps), "seed": game.draws.seed}
        content = {"player": str(player), "cause": cause, **position, "batch": batch}
        try:
            write_aside(path, lambda file: torch.save(content, file))
        except OSError as error:
            tqdm.write(f"Cannot save the batch to {path}: {error.strerror or error}.", file=sys.stderr)
        else:
            tqdm.write(f"Saved the batch: {path}", file=sys.stderr)

    def _why(self, trainer: pl.Trainer, module: GANModule, player: Any, tally: Tally) -> str:
        """Return why the run ends, what is left and what to try."""
        mover = module.game.players[player]
        saves = any(isinstance(callback, Checkpoints) for callback in trainer.callbacks)  # type: ignore[attr-defined]
        good = module.run_dir / "checkpoints" / LAST
        tries = [f"a lower rate (optimizer.lr={mover.optimizer_config['lr'] / 2:g})"]
        if mover.clipping.norm is None:
            tries.append("a bound on the gradient (optimizer.clip_norm=1)")
        if module.game.rules.mixed_precision:
            tries.append("full precision (trainer.precision=32-true)")
        text = (
            f"The last {tally.in_a_row} steps of the {player} were not applied, {_since(player, tally)}. All "
            f"weights are finite: they are those of its last good step"
        )
        text += f", and {good} holds them. " if saves else "; this run writes no checkpoints. "
        text += f"Try {', '.join(tries)}" + (
            f"; init_from={good} starts from these weights." if saves else "."
        )
        if self._tells:
            send_alert(trainer, "Not finite", text)
        return text


def _since(player: str, tally: Tally) -> str:
    """Return what was not finite, and since when."""
    ((cause, images),) = tally.since.items()
    what = "a gradient, though no term," if cause == GRADIENT else f"the term {player}/{cause}"
    return f"since {what} was not finite at {images / 1000:.3f} kimg"


def _values(player: str, tally: Tally) -> dict[str, float]:
    """Return what the loggers get."""
    name = f"vitals/{player}_skipped_steps"
    return {name: float(tally.total), **{f"{name}/{cause}": float(n) for cause, n in tally.steps.items()}}
