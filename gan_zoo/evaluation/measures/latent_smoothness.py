"""Whether samples change evenly along a way through latent space (arXiv:1610.09585, section 4.4)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.generate import PATHS, STEPS
from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import latent_smoothness


@MEASURES.register("latent_smoothness")
class LatentSmoothness(Measure):
    """Largest jump of the features along a path over the mean one; near 1 is even, large is remembered.

    A path along which nothing changes is still, and is left out of the ratio. The floor is a cross-fade
    between real samples, the ceiling a sudden change half-way.
    """

    needs = ("paths",)
    quantities = {
        "smoothness": Quantity("lower", 1.0),
        "smoothness_worst": Quantity("lower", 1.0),
        "still_paths": Quantity("lower", 0.0),
    }
    counts_matter = False  # all sets have the same number of paths

    def measure(self, sample: View) -> Measurement:
        """Walk along all paths."""
        found = latent_smoothness(sample.path_features)
        return Measurement(
            {"smoothness": found.mean, "smoothness_worst": found.worst, "still_paths": found.still}
        )

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "largest step over mean step along each path", "paths": PATHS, "samples": STEPS}
