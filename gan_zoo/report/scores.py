"""Numbers by which runs are compared, and which of two values is better."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.report.evaluation import rows
from gan_zoo.run_files import RunFiles

LOWER = (
    "fd", "kd", "wasserstein", "energy_distance", "ndb", "ndb_jsd", "class_jsd", "classes_missing", "kl",
    "reverse_kl", "swd/mean", "smoothness", "jensen_shannon_divergence",
)  # fmt: skip
HIGHER = (
    "coverage",
    "modes",
    "high_quality",
    "precision",
    "recall",
    "density",
    "cs",
    "is",
    "mode_score",
    "vendi",
)
NEAR_ONE = ("diversity", "pair_diversity", "feature_diversity", "copy_distance", "std_ratio")
FIRST = (
    "fd", "kd", "wasserstein", "modes", "high_quality", "precision", "recall", "coverage", "ndb",
    "quality/fd", "quality/modes", "quality/precision",
    "collapse/energy_distance", "collapse/coverage", "collapse/modes", "collapse/high_quality",
    "collapse/diversity", "collapse/recall", "collapse/ndb",
)  # fmt: skip


@dataclass(frozen=True)
class Metric:
    """A number that runs have in common.

    Attributes:
        name: in full, with the features that it was measured in.
        short: without them.
        direction: `lower`, `higher`, `near` or empty.
        ideal: what it should be near to.
    """

    name: str
    short: str
    direction: str = ""
    ideal: float = 0.0

    @property
    def title(self) -> str:
        """The name as a heading.

        Example:
            >>> logged("collapse/energy_distance").title, logged("quality/fd/projection@1").title
            ('energy distance', 'fd (training)')
        """
        section, _, rest = self.short.rpartition("/")
        words = (rest if section in ("quality", "collapse") else self.short).replace("_", " ")
        if section == "quality":
            return f"{words} (training)"
        return f"{words} (features)" if section == "collapse" and "@" in self.name else words

    def cost(self, value: float) -> float:
        """Return a number that is smaller the better the value is."""
        if not math.isfinite(value):
            return math.inf
        return {"lower": value, "higher": -value, "near": abs(value - self.ideal)}.get(self.direction, 0.0)


def scores(run: RunFiles) -> dict[Metric, float]:
    """Return what is known about the end of a run: its evaluation, and the last values that were logged.

    Of a run that diverged they may be infinite, or not a number.
    """
    found: dict[Metric, float] = {}
    for row in rows(run.evaluation or {}):
        if row.value is not None:
            # Near to what, is not said of all: the floor differs a little from run to run.
            direction = "" if row.direction == "near" and row.ideal is None else row.direction
            name = f"{row.name}/{row.extractor}".rstrip("/")
            found[Metric(name, row.name, direction, row.ideal or 0.0)] = row.value
    last: dict[str, float] = {}
    for each in run.rows():
        last |= each
    for name, value in last.items():
        metric = logged(name)
        if metric is not None:
            found[metric] = value
    return found


def logged(name: str) -> Metric | None:
    """Return what a column of metrics.csv says about quality, or None.

    Example:
        >>> logged("quality/fd/projection@1").short, logged("collapse/coverage_of_reals")
        ('quality/fd', None)
    """
    section, _, rest = name.partition("/")
    if section not in ("quality", "collapse") or rest.endswith(("_live", "_of_reals", "_of_data")):
        return None
    base = rest.rpartition("/")[0] if "@" in rest else rest
    kinds = (("lower", LOWER), ("higher", HIGHER), ("near", NEAR_ONE))
    direction = next((kind for kind, names in kinds if base in names), "")
    return Metric(name, f"{section}/{base}", direction, 1.0 if direction == "near" else 0.0)


def common(found: Sequence[Mapping[Metric, float]], most: int) -> list[Metric]:
    """Return the metrics that most runs have, those that say most first."""
    counts = Counter(metric for each in found for metric in each if metric.direction)

    def order(metric: Metric) -> tuple[int, int, str]:
        rank = FIRST.index(metric.short) if metric.short in FIRST else len(FIRST)
        return (-counts[metric] * 2 // max(len(found), 1), rank, metric.name)

    return sorted(counts, key=order)[:most]


def choose(by: str | None, found: Sequence[Mapping[Metric, float]]) -> Metric | None:
    """Return the metric that ranks the runs: the asked one, or the first that most of them have.

    Raises:
        UserError: if no run has the asked one.
    """
    known = {metric for each in found for metric in each if metric.direction}
    if by is None:
        return next(iter(common(found, 1)), None)
    for metric in sorted(known, key=lambda each: each.name):
        if by in (metric.name, metric.short):
            return metric
    raise UserError(f"by={by}: no run has such a number. {did_you_mean(by, {each.short for each in known})}")


def mean_and_spread(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Return the mean, and the standard deviation of two or more values.

    Example:
        >>> mean_and_spread([1.0, 3.0]), mean_and_spread([2.0]), mean_and_spread([])
        ((2.0, 1.4142135623730951), (2.0, None), (None, None))
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return None, None
    return statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else None
