"""Jensen-Shannon divergence of class histograms, over batches; see `functional.jensen_shannon_divergence`."""

from __future__ import annotations

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.jensen_shannon_divergence import jensen_shannon_divergence
from gan_zoo.metrics.histograms import Sums


@METRICS.register("jensen_shannon_divergence")
class JensenShannonDivergence(Metric):
    """Divergence between the mean class probabilities `[B, K]` of real and generated samples, in nats."""

    def accumulator(self) -> Sums:
        """Return the sum of probabilities of each class."""
        return Sums(lambda batch: {"probabilities": batch.sum(0)})

    def compute(self) -> float:
        """Return what all batches show."""
        real, fake = self.collected("real"), self.collected("fake")
        return jensen_shannon_divergence(real["probabilities"], fake["probabilities"])
