"""Realism of single samples (arXiv:1904.06991, section 5)."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import View
from gan_zoo.metrics.functional import realism

NEIGHBORS = 3


@MEASURES.register("realism")
class Realism(Measure):
    """How near samples are to real ones: the median realism, higher for better samples.

    Args:
        most: samples of each kind at most.
    """

    needs = ("features",)
    quantities = {"realism": Quantity("higher")}
    paired = True

    def __init__(self, most: int = 5000) -> None:
        self.most = most

    def measure(self, sample: View) -> Measurement:
        """Look for the nearest real samples."""
        found = realism(self.reference.features, sample.features, NEIGHBORS)
        return Measurement({"realism": float(found.median())})

    def least(self) -> tuple[int, str]:
        """Ask for ten times the neighbors."""
        return 10 * NEIGHBORS, f"neighborhoods of {NEIGHBORS} mean nothing among few samples"

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {"estimator": f"median realism with {NEIGHBORS} neighbors"}
