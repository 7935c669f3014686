"""The moments of a training process at which something may happen to it: they are counted and named."""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from chaos_faults.acts import ACTS
from chaos_faults.plan import Plan
from gan_zoo.callbacks.csv_logger import CsvLogger
from gan_zoo.callbacks.sample_grids import SampleGrids
from gan_zoo.callbacks.shelf import Shelf
from gan_zoo.callbacks.summary import Summary
from gan_zoo.checkpoint.seal import SealedFile
from gan_zoo.game.game import Game
from gan_zoo.game.player import Player
from gan_zoo.stabilizers.ema import ExponentialMovingAverage

Call = Callable[[], Any]
SCOPES: dict[str, tuple[Any, str]] = {
    "step": (Game, "play"),
    "checkpoint": (Shelf, "put"),
    "row": (CsvLogger, "log_metrics"),
    "picture": (SampleGrids, "draw"),
    "summary": (Summary, "finish"),
}
MOMENTS: dict[str, tuple[Any, str]] = {  # each has a tick before and one after it
    "gradients": (Game, "_gradients"),
    "commit": (Player, "commit"),
    "average": (ExponentialMovingAverage, "after_step"),
    "seal": (SealedFile, "seal"),
    "fsync": (os, "fsync"),
    "rename": (os, "replace"),
    "link": (os, "link"),
    "remove": (os, "unlink"),
}


class Ticker:
    """Counts scopes and the moments inside them, and lets happen what is planned there.

    Args:
        plan: what is planned.
    """

    def __init__(self, plan: Plan) -> None:
        self._planned: dict[tuple[str, int, int], list[Any]] = {}
        for act in plan.acts:
            self._planned.setdefault((act.scope, act.number, act.tick), []).append(act)
        self._out = os.open(plan.events, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._tells_moments = plan.tells_moments
        self._entered: Counter[str] = Counter()
        self._scope: str | None = None
        self._names: list[str] = []
        self._game: Game | None = None

    def install(self) -> None:
        """Put ticks around everything that has them."""
        for name, (owner, attribute) in SCOPES.items():
            _wrap(owner, attribute, functools.partial(self._in_scope, name))
        for name, (owner, attribute) in MOMENTS.items():
            _wrap(owner, attribute, functools.partial(self._around, name))
        _wrap(SealedFile, "_pass_on", self._while_writing)

    def tell(self, event: str, **facts: Any) -> None:
        """Append an event to the file, at once."""
        images = 0 if self._game is None else self._game.images
        os.write(self._out, f"{json.dumps({'event': event, 'images': images, **facts})}\n".encode())

    def tick(self, name: str, tear: Call | None = None) -> None:
        """Pass a moment; `tear` is called before what is planned for it."""
        if self._scope is None:
            return
        place = self._scope, self._entered[self._scope], len(self._names)
        self._names.append(name)
        for act in self._planned.get(place, ()):
            if tear is not None:
                tear()
            self.tell("fault", scope=self._scope, what=act.what, at=name)
            ACTS[act.what](**act.arguments)

    def _in_scope(self, name: str, call: Call, arguments: tuple[Any, ...]) -> Any:
        if name == "step" and self._game is None:
            self._game = arguments[0]
            self.tell("begins")
        self._entered[name] += 1
        self._scope, self._names = name, []
        try:
            self.tick("its begin")
            result = call()
            moments = {"ticks": [*self._names, "its end"]} if self._tells_moments else {}
            self.tell("left", scope=name, number=self._entered[name], **moments)
            self.tick("its end")
        finally:
            self._scope = None
        return result

    def _around(self, name: str, call: Call, arguments: tuple[Any, ...]) -> Any:
        self.tick(f"before {name}")
        result = call()
        self.tick(f"after {name}")
        return result

    def _while_writing(self, call: Call, arguments: tuple[Any, ...]) -> Any:
        """Tick in the middle of a write, half of which reaches the file."""
        sealed, data = arguments
        half = memoryview(data).cast("B")[: len(data) // 2]

        def tear() -> None:
            sealed._file.write(half)
            sealed._file.flush()

        self.tick("half a write", tear)
        return call()


def _wrap(owner: Any, attribute: str, around: Callable[[Call, tuple[Any, ...]], Any]) -> None:
    original = getattr(owner, attribute)

    @functools.wraps(original)
    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        return around(lambda: original(*arguments, **keywords), arguments)

    setattr(owner, attribute, wrapped)
