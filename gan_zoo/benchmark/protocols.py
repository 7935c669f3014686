"""How samples of a suite are judged, batch by batch: what counts as a mode, as high quality, as even."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from gan_zoo import pictures
from gan_zoo.benchmark.classifiers import digit_classes, judged_by
from gan_zoo.benchmark.spacing import spacing
from gan_zoo.benchmark.suites import Suite
from gan_zoo.data.load import load_dataset
from gan_zoo.data.stacked_mnist import CLASSES
from gan_zoo.metrics.functional.modes_captured import summarize_modes, tally_modes
from gan_zoo.metrics.functional.modes_captured_1200d import summarize_modes_1200d, tally_modes_1200d
from gan_zoo.metrics.functional.stacked_modes import summarize_stacked_modes
from gan_zoo.metrics.histograms import Sums, divergence_to_uniform

FAR = 1e6  # where samples that are not finite are put: away from every mode
POINTS = 2_000  # kept for pictures, and for their distances
BATCH = 5_000  # of real data


@dataclass(frozen=True)
class Judged:
    """What a protocol says of samples.

    Attributes:
        figures: by the names in `gan_zoo.benchmark.suites`.
        counts: samples of each mode that count.
        points: some samples in a plane, or none.
        judged_by: which classifier told classes apart, empty where none was needed.
    """

    figures: dict[str, float]
    counts: list[int]
    points: list[list[float]] = field(default_factory=list)
    judged_by: dict[str, Any] = field(default_factory=dict)


class Judge(Protocol):
    """Takes samples as generators make them: vectors in data units, or images in [-1, 1]."""

    def __init__(self, data: Mapping[str, Any], suite: Suite) -> None: ...

    def add(self, samples: Tensor) -> None:
        """Take a batch."""

    def real(self) -> Iterator[Tensor]:
        """Yield the real data in batches of the same form."""

    def result(self) -> Judged:
        """Say what all batches together are."""


class Mixture:
    """Gaussians in a plane: high quality is within 3 standard deviations of the nearest mode."""

    def __init__(self, data: Mapping[str, Any], suite: Suite) -> None:
        self.data, self.suite, self.seen = data, suite, 0
        small = load_dataset({**data, "samples": 1, "held_out_samples": 1})
        assert small.modes is not None
        assert small.mode_std is not None
        self.modes, self.std = small.modes, small.mode_std
        self.all, self.first = Sums(self.tally), Sums(self.tally)
        self.kept: list[Tensor] = []
        self.not_finite = 0

    def tally(self, samples: Tensor) -> dict[str, Tensor]:
        """Return sums over a batch."""
        return tally_modes(samples, self.modes, self.std)

    def add(self, samples: Tensor) -> None:
        """Take a batch `[B, D]`; the first `published_samples` are also counted by the published protocol."""
        self.not_finite += int((~samples.isfinite().all(dim=1)).sum())
        samples = samples.nan_to_num(FAR, FAR, -FAR)
        self.all.add(samples)
        if self.seen < self.suite.published_samples:
            self.first.add(samples[: self.suite.published_samples - self.seen])
        if self.seen < POINTS and samples.shape[1] == 2:
            self.kept.append(samples[: POINTS - self.seen])
        self.seen += len(samples)

    def real(self) -> Iterator[Tensor]:
        """Yield the training pool."""
        yield from load_dataset(self.data).train.values.split(BATCH)

    def result(self) -> Judged:
        """Return our own figures, and the published ones from fewer samples with at least one per mode."""
        found = summarize_modes(self.all.value() or {}, self.std)
        published = summarize_modes(self.first.value() or {}, self.std)
        figures = {
            "modes": found.modes,
            "high_quality": found.high_quality,
            "kl": found.reverse_kl,
            "std_ratio": found.std_ratio,
            "not_finite": self.not_finite,
            "published_modes": published.captured,
            "published_high_quality": published.high_quality,
            "published_kl": published.reverse_kl,
        }
        points = torch.cat(self.kept) if self.kept else torch.empty(0, 2)
        figures["spacing"] = spacing(points, next(self.real())[:POINTS])
        return Judged(figures, found.counts.tolist(), points.tolist())


class High(Mixture):
    """Gaussians in 1200 dimensions: high quality is a mean over coordinates near that of a mode."""

    def tally(self, samples: Tensor) -> dict[str, Tensor]:
        """Return sums over a batch."""
        return tally_modes_1200d(samples, self.modes)

    def result(self) -> Judged:
        """Return our own figures, and the published rule's, which accepts no true sample."""
        found = summarize_modes_1200d(self.all.value() or {})
        published = summarize_modes_1200d(self.first.value() or {})
        names = ("modes", "high_quality", "std_ratio", "rest_rms")
        figures = {name: getattr(found, name) for name in names}
        figures |= {"kl": found.reverse_kl, "not_finite": self.not_finite}
        figures |= {name: getattr(published, name) for name in ("published_modes", "published_high_quality")}
        return Judged(figures, found.counts.tolist())


class Digits:
    """Single digits, told apart by a classifier that was trained on the training split."""

    classes = 10

    def __init__(self, data: Mapping[str, Any], suite: Suite) -> None:
        self.data = data
        self.counts = torch.zeros(self.classes, dtype=torch.int64)

    def add(self, samples: Tensor) -> None:
        """Take images `[B, C, H, W]`."""
        found = self.classify(pictures.to_uint8(samples))
        self.counts += torch.bincount(found, minlength=self.classes)

    def classify(self, images: Tensor) -> Tensor:
        """Return the class of each image, `[B]`."""
        return digit_classes(self.data, images)

    def real(self) -> Iterator[Tensor]:
        """Yield the training split; held-out digits are too few for shares."""
        for images in load_dataset(self.data).train.values.split(BATCH):
            yield images / 127.5 - 1.0

    def result(self) -> Judged:
        """Return classes with at least a tenth of their share, how even they are, and the rarest."""
        total = int(self.counts.sum())
        enough = self.counts >= total / (10.0 * self.classes)
        figures = {
            "modes": int(enough.sum()),
            "kl": divergence_to_uniform(self.counts),
            "smallest": int(self.counts.min()) / max(1, total),
        }
        return Judged(figures, self.counts.tolist(), judged_by=judged_by(self.data))


class Stacked(Digits):
    """Three digits as the channels of one image, 1000 classes (VEEGAN's protocol)."""

    classes = CLASSES

    def classify(self, images: Tensor) -> Tensor:
        """Return 100 a + 10 b + c for the digits of the three channels, `[B]`."""
        a, b, c = (digit_classes(self.data, images[:, channel, None]) for channel in range(3))
        return 100 * a + 10 * b + c

    def real(self) -> Iterator[Tensor]:
        """Yield the held-out stacks, of digits that neither generator nor classifier was trained on."""
        for images in load_dataset(self.data).held_out.values.split(BATCH):
            yield images / 127.5 - 1.0

    def result(self) -> Judged:
        """Return classes seen at all, as published, twice, and how even they are."""
        figures = asdict(summarize_stacked_modes(self.counts))
        return Judged(figures, self.counts.tolist(), judged_by=judged_by(self.data))


PROTOCOLS: dict[str, type[Judge]] = {"mixture": Mixture, "high": High, "digits": Digits, "stacked": Stacked}
