"""What an evaluated metric is: fitted to the reference once, then asked the same of every sample set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.training import Training
from gan_zoo.evaluation.views import Context, View
from gan_zoo.registry import Registry

PER_CLASS = 5  # samples per class or bin on average, the usual rule for tests of shares

Need = Literal["features", "probabilities", "known_classes", "images", "vectors", "labels", "modes", "paths"]


@dataclass(frozen=True)
class Measurement:
    """What a metric found in one sample set.

    Attributes:
        numbers: by name; `levels/16` is one of several numbers of the quantity `levels`.
        std: of numbers that are means over subsets or splits.
        by_class: one number per class, NaN where a class cannot be measured.
        detail: what a picture needs, or None.
    """

    numbers: dict[str, float]
    std: dict[str, float] = field(default_factory=dict)
    by_class: dict[str, list[float]] = field(default_factory=dict)
    detail: Any = None


class Measure:
    """One metric of an evaluation; constructor arguments are what the command line may set.

    Attributes:
        needs: what must be there.
        quantities: its numbers, with what is good.
        compares: whether samples are compared with the reference; all sets then have equally many.
        paired: whether the reference must have as many samples as the set.
        most: samples per set beyond which it would take too long, or None.
        counts_matter: whether its values change with the number of samples; if so, a floor of another number
            says nothing about them.
        published_n: samples of each kind in the published protocol, or None where there is none.
        published: settings of the published protocol, by the names that `protocol` gives them.
        fast: whether it belongs to the cheap subset.
    """

    needs: ClassVar[tuple[Need, ...]] = ()
    quantities: ClassVar[dict[str, Quantity]] = {}
    compares: ClassVar[bool] = True
    paired: ClassVar[bool] = False
    counts_matter: ClassVar[bool] = True
    published_n: ClassVar[int | None] = None
    published: ClassVar[Mapping[str, Any]] = {}
    fast: ClassVar[bool] = False
    most: int | None = None

    def unfit(self, context: Context) -> str | None:
        """Return why this metric has no meaning for what there is, and what to do, or None."""
        return next((reason for need in self.needs if (reason := _missing(need, context))), None)

    def learn(self, training: Training) -> None:
        """Take what a generator may remember, before `fit`; for metrics that look for copies."""

    def fit(self, reference: View, context: Context) -> None:
        """Look at the reference, once.

        Raises:
            UserError: if it is too small.
        """
        self.reference, self.context = reference, context

    def measure(self, sample: View) -> Measurement:
        """Measure a sample set.

        Raises:
            UserError: if it is too small.
        """
        raise NotImplementedError

    def measure_floor(self, sample: View) -> Measurement:
        """Measure real samples."""
        return self.measure(sample)

    def measure_ceiling(self, sample: View) -> Measurement:
        """Measure the collapsed set, or what else is worst for this metric."""
        return self.measure(sample)

    def least(self) -> tuple[int, str]:
        """Return how many samples of each kind the fitted estimator needs, and what needs them."""
        return 1, "without any there is nothing to measure"

    def warnings(self, sample: View, found: Measurement) -> list[str]:
        """Return what must be known of the values of generated samples."""
        return []

    def protocol(self) -> dict[str, Any]:
        """Return the estimator in words and its settings; plain data."""
        raise NotImplementedError

    @classmethod
    def sees_features(cls) -> bool:
        """Say whether it looks through an extractor, so that its numbers carry the extractor's name."""
        return bool({"features", "probabilities", "paths"} & set(cls.needs))

    def quantity(self, name: str) -> Quantity:
        """Return what is good for a number."""
        return self.quantities[name if name in self.quantities else name.rpartition("/")[0]]


def _missing(need: Need, context: Context) -> str | None:
    """Return what is lacking in words that say what to do."""
    extractor = context.extractor
    if need in ("features", "paths") and extractor is None:
        return "it needs a feature extractor; type for example extractor=pixels"
    if need == "probabilities" and not (extractor is not None and extractor.has_probabilities):
        return "it needs class probabilities; type extractor=classifier, for data with labels"
    if need == "known_classes" and not context.knows_classes:
        return (
            f"it compares with the labels of the data, and extractor={getattr(extractor, 'name', None)} has "
            "other classes; type extractor=classifier, for data with labels"
        )
    if need == "images" and not context.is_image:
        return "it is about images, and these data are vectors"
    if need == "vectors" and context.is_image:
        return "it is about vectors, and these data are images"
    if need == "labels" and not context.classes:
        return "the real data have no labels; give data whose sub-folders are classes"
    if need == "labels" and not context.conditional:
        return "the generated samples carry no labels; use a conditional model, or sub-folders as classes"
    if need == "modes" and context.modes is None:
        return "the data are no mixture with known modes, such as data=ring"
    if need == "paths" and not context.paths:
        return "it walks through latent space, so it needs a generator; type run=DIR"
    return None


MEASURES: Registry[Measure] = Registry("metric")
