"""Accuracy of a classifier on samples shrunk and enlarged again (arXiv:1610.09585, section 4.1)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import discriminability


@MEASURES.register("discriminability")
class Discriminability(Measure):
    """Whether a classifier finds the class asked for, from images at each resolution; higher is better.

    A curve that is flat above a resolution says that the model adds no detail there. It cannot see collapse.

    Args:
        most: images at most.
    """

    needs = ("images", "labels", "probabilities", "known_classes")
    quantities = {"discriminability": Quantity("higher", 1.0)}

    def __init__(self, most: int = 2000) -> None:
        self.most = most

    def measure(self, sample: View) -> Measurement:
        """Classify at each resolution."""
        assert sample.labels is not None
        assert self.context.extractor is not None
        found = discriminability(sample.values, sample.labels, self.context.extractor.probabilities)
        return Measurement({f"discriminability/{size}": value for size, value in found.items()})

    def least(self) -> tuple[int, str]:
        """Ask for a share that is known to .07."""
        return 50, "a share of few samples says nothing"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": "bilinear with antialiasing down and up again, accuracy on the label asked for"}
