"""What a suite is: data with known modes, how samples are judged, and what would be good enough.

What its methods share (networks, data, batch, steps) stands in conf/benchmark/<suite>.yaml.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Figures = Mapping[str, float | None]

METHODS = (
    "js",
    "minimax",
    "lsgan",
    "wgan",
    "wgangp",
    "hinge_spectral_norm",
    "relativistic",
    "unrolled_5",
    "unrolled_10",
    "packing_2",
    "packing_3",
    "packing_4",
    "minibatch_stddev",
    "minibatch_discrimination",
    "mode_seeking",
    "dragan",
    "best",
)
OURS = "best"  # the method whose goals are reported
REAL = "real data"  # what a perfect generator would score, up to the pool's own accidents
TUNING_SEEDS = (100,)  # never reported


@dataclass(frozen=True)
class Figure:
    """One number of a score, as tables show it.

    Attributes:
        key: in the score.
        title: of its column.
        decimals: shown.
        percent: whether it is a share, shown as a percentage.
        count: whether a single run's value is a whole number.
    """

    key: str
    title: str
    decimals: int = 1
    percent: bool = False
    count: bool = False

    def show(self, value: float | None) -> str:
        """Return the number as a cell, `-` where there is none.

        Example:
            >>> Figure("high_quality", "high quality %", percent=True).show(0.98765)
            '98.8'
        """
        if value is None or math.isnan(value):
            return "-"
        return f"{value * (100.0 if self.percent else 1.0):.{self.decimals}f}"

    def show_one(self, value: float | None) -> str:
        """Return the number of a single run as a cell."""
        return f"{value:.0f}" if self.count and value is not None else self.show(value)


@dataclass(frozen=True)
class Goal:
    """A figure within bounds.

    Attributes:
        key: in the score.
        low: smallest value that is good enough.
        high: largest one.
    """

    key: str
    low: float = -math.inf
    high: float = math.inf

    def met(self, figures: Figures) -> bool:
        """Say whether a score reaches it; a figure that is missing does not."""
        value = figures.get(self.key)
        return value is not None and self.low <= value <= self.high


@dataclass(frozen=True)
class Suite:
    """Data with known modes and the protocol of its scores.

    Attributes:
        name: of conf/benchmark/<name>.yaml.
        title: for readers.
        protocol: which rule scores it, see `gan_zoo.benchmark.score`.
        modes: how many there are.
        samples: drawn from the averaged generator.
        published_samples: of the published protocol, taken from the same ones; 0 where it is the same.
        figures: what tables show, ours first.
        goals: what every seed of our own recipe shall reach.
    """

    name: str
    title: str
    protocol: str
    modes: int
    samples: int
    published_samples: int
    figures: tuple[Figure, ...]
    goals: tuple[Goal, ...] = ()

    def goals_met(self, figures: Figures) -> bool:
        """Say whether a score reaches all goals."""
        return all(goal.met(figures) for goal in self.goals)


QUALITY = Figure("high_quality", "high quality %", 1, percent=True)
DIVERGENCE = Figure("kl", "reverse KL", 4)
WIDTH = Figure("std_ratio", "std ratio", 2)
PUBLISHED_QUALITY = Figure("published_high_quality", "published: high quality %", 1, percent=True)
PUBLISHED_MODES = Figure("published_modes", "published: modes", count=True)
MODES = Figure("modes", "modes", count=True)
MIXTURE = (
    *(MODES, QUALITY, DIVERGENCE, WIDTH, Figure("spacing", "spacing", 2)),
    *(PUBLISHED_MODES, PUBLISHED_QUALITY, Figure("published_kl", "published: reverse KL", 4)),
)
HIGH = (
    *(MODES, QUALITY, DIVERGENCE, WIDTH, Figure("rest_rms", "rest RMS", 3)),
    *(PUBLISHED_MODES, PUBLISHED_QUALITY),
)
UNIFORM = Figure("kl", "KL to uniform", 4)
DIGITS = (Figure("modes", "classes", count=True), UNIFORM, Figure("smallest", "smallest share", 3))
STACKED = (
    MODES,
    Figure("modes_twice", "modes seen twice", count=True),
    UNIFORM,
)
TRUE_WIDTH = Goal("std_ratio", 0.8, 1.2)  # high quality alone rewards modes that are too narrow
FILLED = Goal("spacing", 0.5)  # of the right width are also modes that are a few points, repeated

SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            *("ring", "Ring of 8 Gaussians", "mixture", 8, 100_000, 2_500, MIXTURE),
            (Goal("modes", 8), Goal("high_quality", 0.98), Goal("kl", high=0.002), TRUE_WIDTH, FILLED),
        ),
        Suite(
            *("grid", "Grid of 25 Gaussians", "mixture", 25, 100_000, 2_500, MIXTURE),
            (Goal("modes", 25), Goal("high_quality", 0.975), Goal("kl", high=0.003), TRUE_WIDTH, FILLED),
        ),
        Suite(
            *("gaussians_1200d", "10 Gaussians in 1200 dimensions", "high", 10, 100_000, 2_500, HIGH),
            (Goal("modes", 10), Goal("high_quality", 0.9), TRUE_WIDTH, Goal("rest_rms", high=0.1)),
        ),
        Suite("digits", "Handwritten digits", "digits", 10, 10_000, 0, DIGITS),
        Suite(
            *("stacked_mnist", "Stacked MNIST", "stacked", 1000, 26_000, 0, STACKED),
            (Goal("modes", 1000), Goal("kl", high=0.03)),
        ),
    )
}
TOY = ("ring", "grid", "gaussians_1200d", "digits")
