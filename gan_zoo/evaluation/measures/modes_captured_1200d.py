"""Modes of the mixture in 1200 dimensions (arXiv:1705.07761), by a rule that its own samples pass."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, PER_CLASS, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import modes_captured_1200d

DATA = "gaussians_1200d"


@MEASURES.register("modes_captured_1200d")
class ModesCaptured1200d(Measure):
    """Which modes are reached, by the mean over coordinates, and whether samples vary as they should.

    The published rule accepts no real sample and rewards point masses; it is there for comparison only.
    """

    needs = ("modes", "vectors")
    quantities = {
        "modes": Quantity("higher"),
        "modes_touched": Quantity("higher", shows="collapse"),
        "high_quality": Quantity("higher"),
        "reverse_kl": Quantity("lower", 0.0, shows="collapse"),
        "std_ratio": Quantity("near", 1.0),
        "rest_rms": Quantity("lower", 0.0),
        "published_modes": Quantity("near"),
        "published_high_quality": Quantity("near"),
    }
    compares = False
    fast = True

    def unfit(self, context: Context) -> str | None:
        """Refuse all other mixtures."""
        missing = super().unfit(context)
        if missing is None and context.data != DATA:
            return f"its rule is that of data={DATA}; type metrics=[modes_captured]"
        return missing

    def measure(self, sample: View) -> Measurement:
        """Assign samples to modes."""
        assert self.context.modes is not None
        found = modes_captured_1200d(sample.values, self.context.modes)
        numbers = {
            "modes": found.modes,
            "modes_touched": found.captured,
            "high_quality": found.high_quality,
            "reverse_kl": found.reverse_kl,
            "std_ratio": found.std_ratio,
            "rest_rms": found.rest_rms,
            "published_modes": found.published_modes,
            "published_high_quality": found.published_high_quality,
        }
        return Measurement(
            {name: float(value) for name, value in numbers.items()},
            by_class={"mode_count": found.counts.tolist()},
            detail=found.counts,
        )

    def least(self) -> tuple[int, str]:
        """Ask for some of each mode."""
        count = 0 if self.context.modes is None else len(self.context.modes)
        return PER_CLASS * count, f"shares of {count} modes need {PER_CLASS} samples for each"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "|mean over coordinates - mode| <= 3 sqrt(700) / 1200; modes with n/(10 K) of them"
        }
