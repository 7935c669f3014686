"""A sample set as metrics see it: features and probabilities are computed once, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.extractors.base import Extracted, Extractor


class Seen:
    """A sample set through one extractor.

    Args:
        samples: what is looked at.
        extractor: through what, or None where only pixels or coordinates are asked for.
        show_progress: whether to draw a bar meanwhile, on a terminal.
    """

    def __init__(self, samples: SampleSet, extractor: Extractor | None, show_progress: bool = False) -> None:
        self.samples, self.extractor, self.show_progress = samples, extractor, show_progress

    @cached_property
    def extracted(self) -> Extracted:
        """Features and probabilities of all samples, from one pass."""
        return self._extractor.extract(self.samples.values, self.show_progress)

    @property
    def features(self) -> Tensor:
        """Features of all samples, float64 `[N, D]`."""
        return self.extracted.features

    @property
    def probabilities(self) -> Tensor:
        """Class probabilities of all samples, float64 `[N, K]`."""
        found = self.extracted.probabilities
        if found is None:
            raise UserError("This metric needs class probabilities. Type extractor=classifier.")
        return found

    @cached_property
    def path_features(self) -> Tensor:
        """Features along the paths, float64 `[P, S, D]`."""
        paths = self.samples.paths
        if paths is None:
            raise UserError("These samples come without paths between latents.")
        return self._extractor.features(paths.flatten(0, 1)).unflatten(0, paths.shape[:2])

    @property
    def _extractor(self) -> Extractor:
        if self.extractor is None:
            raise UserError("This metric needs a feature extractor. Type for example extractor=pixels.")
        return self.extractor


@dataclass(frozen=True)
class View:
    """The first samples of a set.

    Attributes:
        seen: the whole set.
        count: how many of its samples this view has.
    """

    seen: Seen
    count: int

    def __len__(self) -> int:
        return self.count

    def first(self, count: int | None) -> View:
        """Return a view of at most the first `count` samples."""
        return self if count is None or count >= self.count else View(self.seen, count)

    @property
    def values(self) -> Tensor:
        """Images, uint8 `[N, C, H, W]`, or vectors, float32 `[N, D]`."""
        return self.seen.samples.values[: self.count]

    @property
    def labels(self) -> Tensor | None:
        """Labels, int64 `[N]`, or None."""
        labels = self.seen.samples.labels
        return None if labels is None else labels[: self.count]

    @property
    def features(self) -> Tensor:
        """Features, float64 `[N, D]`."""
        return self.seen.features[: self.count]

    @property
    def probabilities(self) -> Tensor:
        """Class probabilities, float64 `[N, K]`."""
        return self.seen.probabilities[: self.count]

    @property
    def path_features(self) -> Tensor:
        """Features along the paths, float64 `[P, S, D]`."""
        return self.seen.path_features


def whole(samples: SampleSet, extractor: Extractor | None = None) -> View:
    """Return a view of a whole set."""
    return View(Seen(samples, extractor), len(samples))


@dataclass(frozen=True)
class Context:
    """What metrics may know besides samples.

    Attributes:
        seed: of everything that a metric draws.
        extractor: that the features come from, or None.
        is_image: whether samples are images.
        classes: number of classes of the data, 0 without labels.
        conditional: whether the generated samples carry labels.
        paths: whether there are paths between latents.
        modes: centers of a mixture `[K, D]`, or None.
        mode_std: standard deviation of each component, or None.
        data: registry name of the data set, or an empty text.
        warnings: what a reader must know of all this.
    """

    seed: int = 0
    extractor: Extractor | None = None
    is_image: bool = True
    classes: int = 0
    conditional: bool = False
    paths: bool = False
    modes: Tensor | None = None
    mode_std: float | None = None
    data: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def knows_classes(self) -> bool:
        """Whether the extractor's classes are those of the data, so that labels may be compared with them.

        An extractor says so in `knows_data_classes`; a network trained elsewhere has classes of its own.
        """
        return self.extractor is not None and self.extractor.knows_data_classes

    def generator(self, purpose: str) -> torch.Generator:
        """Return a generator of its own for a purpose; the same one gives the same numbers."""
        return Draws(self.seed).generator(f"evaluate/{purpose}")
