"""Share of samples that copy no training sample, over batches; see `functional.authenticity`."""

from __future__ import annotations

from gan_zoo.metrics.base import METRICS, Metric
from gan_zoo.metrics.functional.authenticity import authenticity


@METRICS.register("authenticity")
class Authenticity(Metric):
    """How many fakes are no near-copies of training samples, which are the real ones; higher is better."""

    def compute(self) -> float:
        """Return the share, 0 for copies; ideal is that of held-out real samples."""
        return authenticity(self.collected("real"), self.collected("fake"))
