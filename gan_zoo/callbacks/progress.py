"""Shows how far a run is: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, TextIO

import pytorch_lightning as pl
from tqdm import tqdm

from gan_zoo.callbacks.metrics import latest_losses
from gan_zoo.callbacks.observer import Observer

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

LIVE_S = 0.25  # seconds between two refreshes of the live line
PLAIN_S = 30.0  # seconds after which a plain line appears at the latest
PLAIN_SHARE = 0.05  # share of the run after which a plain line appears
MEMORY_S = 30.0  # seconds over which speed is averaged


class Progress(Observer):
    """Shows kimg, images per second, time left and the last losses.

    Args:
        stream: where to; the standard error stream unless given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._bar: tqdm | None = None

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Open the bar where there is a terminal."""
        game, now = module.game, time.monotonic()
        self._out = self._stream or sys.stderr
        self._past = deque([(now, game.images)])
        self._first = (now, game.images)
        self._next_look, self._next_line = now, now + PLAIN_S
        self._next_share = self._share_after(game.images / game.total_images)
        if self._out.isatty():
            self._bar = tqdm(
                total=game.total_images, initial=game.images, file=self._out, leave=False, dynamic_ncols=True,
                bar_format="{percentage:3.0f}% |{bar:20}| {desc}",
            )  # fmt: skip

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Refresh by time, not by step."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LIVE_S
        images, total = module.game.images, module.game.total_images
        self._remember(now, images)
        if self._bar is not None:
            self._bar.n = min(images, total)  # the last batch may go over
            self._bar.set_description_str(self._text(trainer, images, total))
        elif now >= self._next_line or images >= self._next_share * total:
            print(
                f"{min(images / total, 1.0):4.0%}  {self._text(trainer, images, total)}",
                file=self._out,
                flush=True,
            )
            self._next_line, self._next_share = now + PLAIN_S, self._share_after(images / total)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Close the bar, or say that all is done."""
        images, total = module.game.images, module.game.total_images
        if self._bar is None:
            self._past = deque([self._first])  # the last line gives the speed of the whole run
            self._remember(time.monotonic(), images)
            print(
                f"{min(images / total, 1.0):4.0%}  {self._text(trainer, images, total)}",
                file=self._out,
                flush=True,
            )
        self._close()

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Close the bar, so that the message of the exception starts on its own line."""
        self._close()

    def pause(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Close the bar; the next one starts where the run goes on."""
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    @staticmethod
    def _share_after(share: float) -> float:
        return (math.floor(share / PLAIN_SHARE + 1e-9) + 1) * PLAIN_SHARE

    def _remember(self, now: float, images: int) -> None:
        self._past.append((now, images))
        while len(self._past) > 2 and now - self._past[0][0] > MEMORY_S:
            self._past.popleft()

    def _text(self, trainer: pl.Trainer, images: int, total: int) -> str:
        (then, before), (now, _) = self._past[0], self._past[-1]
        rate = (images - before) / max(now - then, 1e-9)
        parts = [f"{images / 1000:.1f}/{total / 1000:.1f} kimg", f"{rate:,.0f} images/s"]
        if images < total:
            parts.append(f"{duration((total - images) / rate) if rate > 0 else '?'} left")
        return ", ".join([*parts, *_short_losses(latest_losses(trainer))])


def duration(seconds: float) -> str:
    """Say a duration as clocks do.

    Example:
        >>> duration(7), duration(95), duration(3700)
        ('0:07', '1:35', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _short_losses(losses: dict[str, float]) -> list[str]:
    """Return each player's first term, which is the adversarial one."""
    shown: dict[str, str] = {}
    for name, value in losses.items():
        player = name.split("/")[0]
        shown.setdefault(player, f"{player[:1].upper()} {value:.2f}")
    return [shown[player] for player in ("generator", "discriminator") if player in shown]
