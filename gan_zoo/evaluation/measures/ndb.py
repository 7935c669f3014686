"""Number of statistically different bins (Richardson and Weiss 2018, arXiv:1805.12462)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_zoo.evaluation.measures.base import MEASURES, PER_CLASS, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import fit_bins
from gan_zoo.metrics.functional.ndb import NDB, ndb_from_counts

LEAST_PER_BIN = 20  # reference samples; a test of proportions needs some


@dataclass(frozen=True)
class Binned:
    """Samples in bins, for a picture.

    Attributes:
        result: proportions and tests.
        reference: the reference, and the bin of each of its samples `[N]`.
        sample: the measured samples, and the bin of each `[M]`.
    """

    result: NDB
    reference: tuple[View, Tensor]
    sample: tuple[View, Tensor]


@MEASURES.register("ndb")
class Ndb(Measure):
    """Share of k-means bins of the reference's pixels that samples fill differently; lower is better.

    The divergence of the two histograms, in nats, stands beside it: unlike the share it does not grow with
    the number of samples.

    Args:
        bins: how many; fewer where the reference has fewer than 20 samples for each.
        significance: of the test in each bin, so that this share of bins differs by chance.
    """

    quantities = {
        "ndb": Quantity("lower", shows="collapse"),
        "ndb_jsd": Quantity("lower", 0.0, shows="collapse"),
    }
    fast = True

    def __init__(self, bins: int = 100, significance: float = 0.05) -> None:
        self.most_bins, self.significance = bins, significance

    def fit(self, reference: View, context: Context) -> None:
        """Cluster the reference."""
        super().fit(reference, context)
        vectors = _flat(reference)
        count = max(2, min(self.most_bins, len(vectors) // LEAST_PER_BIN))
        self.bins = fit_bins(vectors, count, seed=context.seed)
        self.number, self.assigned = count, self.bins.assign(vectors)

    def measure(self, sample: View) -> Measurement:
        """Compare the bins' proportions."""
        assigned = self.bins.assign(_flat(sample))
        counts = torch.bincount(assigned, minlength=self.number)
        result = ndb_from_counts(self.bins.counts, counts, self.significance)
        detail = Binned(result, (self.reference, self.assigned), (sample, assigned))
        numbers = {"ndb": float(result.share), "ndb_jsd": float(result.jensen_shannon_divergence)}
        return Measurement(numbers, detail=detail)

    def least(self) -> tuple[int, str]:
        """Ask for some in each bin."""
        return (
            PER_CLASS * self.number,
            f"a test of {self.number} bins needs {PER_CLASS} for each; type for example ndb.bins=5",
        )

    def protocol(self) -> dict[str, Any]:
        """Say how."""
        return {
            "estimator": "share of bins with p below the significance, two-proportion pooled z-test",
            "bins": self.number,
            "significance": self.significance,
        }


def _flat(view: View) -> Tensor:
    """Return pixels in 0..255 or coordinates, `[N, D]`, as they are: bins convert what they look at."""
    return view.values.flatten(1)
