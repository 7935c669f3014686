"""MS-SSIM between random pairs of samples (Wang 2003; as a measure of diversity: arXiv:1610.09585)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import ms_ssim_diversity


@MEASURES.register("ms_ssim")
class MsSsim(Measure):
    """How alike two random samples are; best is what real pairs have, and collapse is above it.

    Args:
        pairs: of images; 10,000 in PGGAN's code.
    """

    needs = ("images",)
    quantities = {"ms_ssim": Quantity("near")}

    def __init__(self, pairs: int = 1000) -> None:
        self.pairs = pairs

    def measure(self, sample: View) -> Measurement:
        """Compare random pairs."""
        draws = self.context.generator("ms_ssim")
        return Measurement({"ms_ssim": float(ms_ssim_diversity(sample.values, self.pairs, generator=draws))})

    def least(self) -> tuple[int, str]:
        """Ask for different pairs."""
        return 20, "pairs of few samples are the same pairs again"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "mean over random pairs, window shrunk to small scales", "pairs": self.pairs}
