"""Sends the means of all logged terms to the loggers, with the image count as the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl

from gan_zoo.callbacks.loggers import introduce, log_values
from gan_zoo.callbacks.observer import Every, Interval, Observer, Speedometer, as_images, checked

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


class Metrics(Observer):
    """Logs the mean of each term since the last look, kimg and speed.

    Each look costs one transfer from the device. Lightning's `self.log` takes 0.35 ms per step and value.

    Args:
        every_kimg: between two looks; `auto` looks a hundred times per run, at most once per batch.
    """

    def __init__(self, every_kimg: Interval = "auto") -> None:
        self.every_kimg = checked(every_kimg)
        self.latest: dict[str, float] = {}

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Begin to count."""
        introduce(trainer, module)
        images = module.game.images
        self._due = Every(as_images(self.every_kimg, module.game.total_images, 100), images)
        self._speed = Speedometer(images)

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Log when an interval was crossed."""
        if self._due(module.game.images):
            self.look(trainer, module)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Log what has come since the last look."""
        self.look(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return the last means; those that are being collected are the game's."""
        return {"latest": dict(self.latest)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over the last means."""
        self.latest = dict(state_dict["latest"])

    def look(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Log everything since the last look, if there is anything."""
        game = module.game
        losses = game.window.flush()
        if not losses:
            return
        self.latest = {**self.latest, **losses}  # a lazy term may be absent from a short window
        speed = self._speed(game.images)
        values = {**losses, "speed/images_per_second": speed}
        if game.stage is not None:
            values |= {"progress/level": float(game.stage.level), "progress/fade": game.stage.fade}
        log_values(trainer, values, game.images)


def latest_losses(trainer: pl.Trainer) -> dict[str, float]:
    """Return the last logged means of `generator/...` and `discriminator/...`; none without `Metrics`."""
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if isinstance(callback, Metrics):
            return callback.latest
    return {}
