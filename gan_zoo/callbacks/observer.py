"""What every observer shares: hooks without Lightning's clutter, and triggers that count images."""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, cast

import pytorch_lightning as pl
from torch import nn
from tqdm import tqdm

from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

Interval = float | Literal["auto"]


class Observer(pl.Callback):
    """Looks at a run on its first process, and never changes it.

    `prepare` and `start`, `step`, `finish` and `fail` are called before the first batch, after each batch,
    after the last, and when an exception ends a run that had started. An observer that fails while it reports
    an exception only warns, so that the exception itself is what the user sees.

    In a run that goes on from a checkpoint `load_state_dict` takes the place of `start`: nothing is looked at
    twice, and what is looked at later equals what an uninterrupted run would have seen.

    Attributes:
        saved: what `state_dict` returned in the process that this one goes on from, or None in a new run.
        pauses: set by the run controller where Lightning's loop ends although the run will go on from an
            earlier checkpoint: `pause` is then called in place of `finish`, and `resume` in place of `start`.
    """

    started: bool = False
    saved: dict[str, Any] | None = None
    pauses: bool = False
    _refused: bool = False

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Build what looking needs, and look at nothing; called in new runs and in those that go on."""

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the run before its first batch."""

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the run after a batch; called each time, so it must see in no time that nothing is due."""

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the run after its last batch."""

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Look at the run that `exception` ends."""

    def pause(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the run where it is left for an earlier checkpoint."""

    def resume(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the run where it goes on from an earlier checkpoint."""
        self.start(trainer, module)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Prepare, and start, resume or take over what an earlier process knew, on the first process.

        Raises:
            UserError: if the disk refuses what is written at the start.
        """
        self.started = trainer.is_global_zero
        resumes, self.pauses = self.pauses, False
        saved, self.saved = self.saved, None
        if not self.started:
            return
        module = cast("GANModule", pl_module)
        try:
            self.prepare(trainer, module)
            if saved is not None:
                self.load_state_dict(saved)
            else:
                (self.resume if resumes else self.start)(trainer, module)
        except OSError as error:
            raise UserError(
                f"Cannot write to {module.run_dir}: {error.strerror or error}. Free some space, or give "
                f"another place with run_dir=..."
            ) from error

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Step, on the first process."""
        if self.started:
            self._unless_refused(self.step, trainer, pl_module)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Finish or pause, once."""
        if self.started:
            self._unless_refused(self.pause if self.pauses else self.finish, trainer, pl_module)
            self.started = False

    def _unless_refused(
        self, look: Callable[[pl.Trainer, GANModule], None], trainer: pl.Trainer, module: pl.LightningModule
    ) -> None:
        """Look; a disk that refuses what an observer writes ends no run, and is told once."""
        try:
            look(trainer, cast("GANModule", module))
            self._refused = False
        except OSError as error:
            if not self._refused:
                name, why = type(self).__name__, error.strerror or error
                tqdm.write(f"warning: {name} cannot write: {why}. The run goes on.", file=sys.stderr)
            self._refused = True

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Report what can be reported."""
        if not self.started:
            return
        self.started = False
        try:
            self.fail(trainer, cast("GANModule", pl_module), exception)
        except Exception as second:  # noqa: BLE001  (the first one must reach the user)
            warnings.warn(f"{type(self).__name__} could not finish: {second}", stacklevel=2)


def state_key(callback: pl.Callback) -> str:
    """Return the name of a callback's state in a checkpoint, its class in snake case.

    Example:
        >>> state_key(Observer())
        'observer'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(callback).__name__).lower()


def by_state_key(callbacks: Iterable[pl.Callback]) -> dict[str, pl.Callback]:
    """Return callbacks by the names of their states; those of one class are counted.

    Example:
        >>> list(by_state_key([Observer(), Observer()]))
        ['observer', 'observer_2']
    """
    named: dict[str, pl.Callback] = {}
    seen: Counter[str] = Counter()
    for callback in callbacks:
        name = state_key(callback)
        seen[name] += 1
        named[name if seen[name] == 1 else f"{name}_{seen[name]}"] = callback
    return named


class Every:
    """Says when a count has crossed a multiple of `images`; never asks for equality, which a batch can miss.

    Args:
        images: the distance between two triggers.
        start: the count at which the run starts or continues.

    Example:
        >>> every = Every(100, start=0)
        >>> [every(count) for count in (64, 128, 192, 320)]
        [False, True, False, True]
    """

    def __init__(self, images: int, start: int) -> None:
        self.images = images
        self._last = start // images

    def __call__(self, images: int) -> bool:
        """Say whether a multiple was crossed since the last call."""
        crossed = images // self.images != self._last
        self._last = images // self.images
        return crossed


def checked(every_kimg: Interval) -> Interval:
    """Return `every_kimg` if it is `auto` or a positive number.

    Raises:
        UserError: otherwise.
    """
    number = isinstance(every_kimg, (int, float)) and not isinstance(every_kimg, bool) and every_kimg > 0
    if every_kimg == "auto" or number:
        return every_kimg
    raise UserError(f"every_kimg={every_kimg!r}: give a positive number of thousands of images, or auto.")


def as_images(every_kimg: Interval, total_images: int, parts: int) -> int:
    """Return an interval in images; `auto` divides the run into `parts`. It is at least one image."""
    if every_kimg == "auto":
        return max(1, total_images // parts)
    return max(1, round(float(every_kimg) * 1000.0))


class Speedometer:
    """Measures images per second between two looks.

    Args:
        images: the count at which measuring starts.
    """

    def __init__(self, images: int) -> None:
        self.images, self.time = images, time.perf_counter()

    def __call__(self, images: int) -> float:
        """Return images per second since the last call."""
        now = time.perf_counter()
        rate = (images - self.images) / max(now - self.time, 1e-9)
        self.images, self.time = images, now
        return rate


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Put a network in eval mode, and leave each of its modules in the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
