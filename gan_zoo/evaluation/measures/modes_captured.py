"""Modes of a mixture that the samples reach, and how well (Srivastava 2017, arXiv:1705.07761)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, PER_CLASS, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import modes_captured

HIGH = "gaussians_1200d"  # whose samples all lie 26 standard deviations from their mode


@MEASURES.register("modes_captured")
class ModesCaptured(Measure):
    """Which modes of a mixture are reached, how many samples are near one, and how evenly they are shared.

    A sample is of high quality within `radius` standard deviations of its nearest mode; a mode counts with a
    tenth of its fair share of such samples. High quality alone rewards narrow modes, so the standard
    deviation within modes stands beside it; best is 1.

    Args:
        radius: in standard deviations of a mode.
    """

    needs = ("modes", "vectors")
    quantities = {
        "modes": Quantity("higher"),  # in a run's log `collapse/modes` is the alarm's, of fewer samples
        "modes_touched": Quantity("higher", shows="collapse"),
        "high_quality": Quantity("higher"),
        "reverse_kl": Quantity("lower", 0.0, shows="collapse"),
        "modes_jsd": Quantity("lower", 0.0, shows="collapse"),
        "std_ratio": Quantity("near", 1.0),
    }
    compares = False
    fast = True

    def __init__(self, radius: float = 3.0) -> None:
        self.radius = radius

    def unfit(self, context: Context) -> str | None:
        """Refuse the mixture of high dimension, whose own samples would all count as bad."""
        if context.data == HIGH:
            return (
                "real samples lie 26 standard deviations from their mode; type metrics=[modes_captured_1200d]"
            )
        return super().unfit(context)

    def measure(self, sample: View) -> Measurement:
        """Assign samples to modes."""
        assert self.context.modes is not None
        assert self.context.mode_std is not None
        found = modes_captured(sample.values, self.context.modes, self.context.mode_std, radius=self.radius)
        numbers = {
            "modes": float(found.modes),
            "modes_touched": float(found.captured),
            "high_quality": float(found.high_quality),
            "reverse_kl": float(found.reverse_kl),
            "modes_jsd": float(found.jensen_shannon_divergence),
            "std_ratio": float(found.std_ratio),
        }
        return Measurement(numbers, by_class={"mode_count": found.counts.tolist()}, detail=found.counts)

    def least(self) -> tuple[int, str]:
        """Ask for some of each mode."""
        count = 0 if self.context.modes is None else len(self.context.modes)
        return PER_CLASS * count, f"shares of {count} modes need {PER_CLASS} samples for each"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "high quality within the radius of the nearest mode; modes with n/(10 K) of them",
            "radius": self.radius,
        }
