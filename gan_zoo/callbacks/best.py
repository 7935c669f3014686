"""Keeping the checkpoints at which a logged metric was best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pytorch_lightning.loggers import Logger

from gan_zoo.errors import UserError, did_you_mean

MODES = ("min", "max")
KEYS = ("metric", "mode", "count")
Kept = list[tuple[float, int]]  # (value, images), best first


class Listener(Logger):
    """Hears every number that a run logs, as a logger among the others.

    Attributes:
        names: of all numbers that were heard.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self._heard: dict[str, float] = {}

    @property
    def name(self) -> str:
        """What it is."""
        return "listener"

    @property
    def version(self) -> str:
        """Empty."""
        return ""

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Remember numbers until somebody takes them."""
        self.names.update(metrics)
        self._heard.update(metrics)

    def take(self) -> dict[str, float]:
        """Return what was logged since the last call."""
        heard, self._heard = self._heard, {}
        return heard


class Best:
    """Which image counts are worth keeping.

    Args:
        metric: key of a logged number as in metrics.csv, or all of it but the last part: `quality/fd` for
            `quality/fd/projection-8x8@1c634834`.
        mode: `min` or `max`, what is good.
        count: how many to keep.

    Attributes:
        kept: values and image counts of those that are kept, best first.

    Raises:
        UserError: for a value out of range.
    """

    def __init__(self, metric: str, mode: str = "min", count: int = 1) -> None:
        if not isinstance(metric, str) or not metric:
            raise UserError(f"keep_best.metric={metric!r}: give the key of a logged number, see metrics.csv.")
        if mode not in MODES:
            raise UserError(f"keep_best.mode={mode!r}. {did_you_mean(str(mode), MODES)}")
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise UserError(f"keep_best.count={count!r}: give a whole number of at least 1.")
        self.metric, self.mode, self.count = metric, mode, count
        self.kept: Kept = []

    @property
    def images(self) -> list[int]:
        """The image counts of those that are kept."""
        return [images for _, images in self.kept]

    def consider(self, values: Mapping[str, float], images: int) -> Kept | None:
        """Return what to keep after `images` images, None where that changes nothing.

        Args:
            values: what was logged at this image count.
        """
        value = self._found(values)
        if not math.isfinite(value) or images in self.images:
            return None
        sign = 1.0 if self.mode == "min" else -1.0
        ranked = sorted([*self.kept, (value, images)], key=lambda pair: (sign * pair[0], pair[1]))
        best = ranked[: self.count]
        return best if (value, images) in best else None

    def _found(self, values: Mapping[str, float]) -> float:
        """Return the metric's value; NaN where it is not logged, or where several names begin so."""
        longer = [key for key in values if key.rpartition("/")[0] == self.metric]
        names = [self.metric] if self.metric in values else longer
        return float(values[names[0]]) if len(names) == 1 else math.nan


def read_best(given: Mapping[str, Any] | None) -> Best | None:
    """Return what `keep_best` asks for.

    Raises:
        UserError: for an unknown key or a value out of range.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping) or "metric" not in given:
        raise UserError(
            f"keep_best={given!r}: name a logged number, as in "
            "keep_best={metric: collapse/diversity, mode: max}."
        )
    for key in given:
        if key not in KEYS:
            raise UserError(f"Unknown key 'keep_best.{key}'. {did_you_mean(str(key), KEYS)}")
    return Best(**given)
