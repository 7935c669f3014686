"""The one LightningModule: hands batches to the game and stops when the run is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn
from torch.optim import Optimizer

from gan_zoo.data.base import Dataset
from gan_zoo.game.game import Batch, Game


class GANModule(pl.LightningModule):
    """A game under Lightning, which brings device, precision, loggers and callbacks.

    The game steps its optimizers itself and counts images, because Lightning's `global_step` counts every
    optimizer's step (issue 17958 of Lightning) and its per-step logging costs more than a small step.

    Args:
        game: the players and their rules.
        config: the resolved configuration as plain data; it travels in checkpoints.
        dataset: what the run trains on, for observers.
        run_dir: where the run leaves what it makes.
        command: what the user typed.
        channels_last: whether convolution weights are laid out channels last.
    """

    def __init__(
        self, game: Game, config: dict[str, Any], dataset: Dataset, run_dir: Path, command: str,
        channels_last: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.automatic_optimization = False
        self.game, self.config, self.dataset = game, config, dataset
        self.run_dir, self.command, self.channels_last = run_dir, command, channels_last
        self.saved: dict[str, Any] | None = None  # the game's state in a checkpoint that the run goes on from
        networks = {str(name): network for name, network in game.networks.items()}
        self.players = nn.ModuleDict(networks)  # so that Lightning moves them to the device

    def configure_optimizers(self) -> list[Optimizer]:
        """Start the game: the networks are on their device, so optimizers and averages can be made."""
        if self.channels_last:
            self.players.to(memory_format=torch.channels_last)
        return self.game.start()

    def on_fit_start(self) -> None:
        """Take over the state of a checkpoint: optimizers exist now, and nobody has looked yet."""
        if self.saved is not None:
            self.game.load_state_dict(self.saved)
            self.saved = None

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Play one batch of reals."""
        self.game.play(batch)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Return the batch as it is: the loader makes it on the training device."""
        return batch
