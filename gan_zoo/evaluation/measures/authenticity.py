"""Authenticity: the share of samples that copy no training sample (Alaa 2022, arXiv:2102.08921)."""

from __future__ import annotations

from typing import Any

from gan_zoo.errors import UserError
from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.training import Training
from gan_zoo.evaluation.views import Context, View
from gan_zoo.metrics.functional import authenticity


@MEASURES.register("authenticity")
class Authenticity(Measure):
    """How many samples are no copies of training samples; best is what held-out reals have, copies have 0.

    Generated samples are compared with all that the generator may have been trained on: the whole training
    split of a run, all of `real=` for files. The floor is compared with the same, without itself. It hardly
    depends on how many training samples there are. The ceiling is a generator that returns training samples.

    Args:
        most: generated samples and held-out ones at most; of 1000 the share is known to .016.
        training: training samples at most that are looked at through the extractor, in a random choice. Of
            larger training sets those nearest to the samples in coarse pixels are looked at besides.
    """

    needs = ("features",)
    quantities = {"authenticity": Quantity("near")}
    compares = False
    counts_matter = False

    def __init__(self, most: int = 1000, training: int = 20_000) -> None:
        self.most, self.limit = most, training

    def learn(self, training: Training) -> None:
        """Take the training samples."""
        self.training = training

    def fit(self, reference: View, context: Context) -> None:
        """Refuse to work with the reference alone: a copy of what it leaves out would seem authentic."""
        super().fit(reference, context)
        if not hasattr(self, "training"):
            raise UserError(
                "it needs the whole training set, which is looked at when a run has ended: type "
                "python scripts/evaluate.py run=DIR metrics=[authenticity]"
            )

    def measure(self, sample: View) -> Measurement:
        """Compare with all training samples."""
        return self._measured(sample, with_floor=True)

    def measure_floor(self, sample: View) -> Measurement:
        """Compare with all training samples that are not in the floor."""
        return self._measured(sample, with_floor=False)

    def measure_ceiling(self, sample: View) -> Measurement:
        """Compare training samples with themselves."""
        copies = self.reference.first(self.most).features
        return Measurement({"authenticity": authenticity(self.reference.features, copies)})

    def _measured(self, sample: View, with_floor: bool) -> Measurement:
        train = self.training.features(sample, self.limit, with_floor)
        return Measurement({"authenticity": authenticity(train, sample.features)})

    def least(self) -> tuple[int, str]:
        """Ask for a share that is known to .07."""
        return 50, "a share of few samples says nothing"

    def protocol(self) -> dict[str, Any]:
        """Say how, and what of the training set was looked at."""
        total, rest = len(self.training), len(self.training.rest)
        seen = total - rest + self.training.spare(self.limit)
        text = f"all {total} training samples"
        if seen < total:
            text = (
                f"{seen} of {total} training samples at random, and for each sample the nearest of the "
                f"others in coarse pixels; authenticity.training={total} looks at all"
            )
        return {
            "estimator": "share farther from its nearest training sample than that is from its own nearest",
            "n_training": seen,
            "training": text,
            "ceiling": "training samples themselves",
        }
