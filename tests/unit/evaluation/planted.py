"""Planted images: four shapes in many places, and an extractor that knows the shapes."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gan_zoo.data.base import Samples
from gan_zoo.evaluation.sets import SampleSet, Sets, collapse, divide
from gan_zoo.extractors.base import Extracted, Extractor

CLASSES, SIDE = 4, 20


class ShapeExtractor(Extractor):
    """Coarse pixels as features, the nearest shape as class; remembers how much it looked at."""

    id, has_probabilities, classes, dimensions = "shapes-planted-coarse-25@00000000", True, CLASSES, 25
    knows_data_classes = True

    def __init__(self) -> None:
        self.looked: list[int] = []

    def extract(self, images: Tensor, show_progress: bool = False) -> Extracted:
        self.looked.append(len(images))
        features = adaptive_avg_pool2d(images.double(), 5).flatten(1) / 255.0
        flat = images.double().flatten(1) / 255.0
        return Extracted(features, torch.softmax(-torch.cdist(flat, shapes().flatten(1).double()), dim=1))

    def protocol(self) -> dict:
        return {"id": self.id, "sha256": "0" * 64, "resize": "none"}


def shapes() -> Tensor:
    """Return the four shapes `[4, 1, SIDE, SIDE]` in 0..1: halves and diagonals of the square."""
    line = torch.linspace(-1.0, 1.0, SIDE)
    across, down = line[None, :].expand(SIDE, SIDE), line[:, None].expand(SIDE, SIDE)
    return torch.stack([across > 0, down > 0, across > down, across > -down]).float()[:, None]


def draw(n: int, seed: int, classes: tuple[int, ...] = (0, 1, 2, 3), noise: float = 0.15) -> Samples:
    """Draw noisy shapes of some brightness with their classes."""
    source = torch.Generator().manual_seed(seed)
    labels = torch.tensor(classes)[torch.randint(len(classes), (n,), generator=source)]
    brightness = 0.5 + 0.5 * torch.rand(n, 1, 1, 1, generator=source)
    images = shapes()[labels] * brightness + noise * torch.randn(n, 1, SIDE, SIDE, generator=source)
    return Samples((images * 255.0).round().clamp(0, 255).to(torch.uint8), labels)


def planted_sets(fake: Samples, n: int = 400) -> Sets:
    """Return all sets for planted generated samples; real ones are the same in all tests."""
    reals = divide(draw(600, 1), draw(600, 2), n, None, 0)
    given = SampleSet(fake.values, fake.labels, origin="planted")
    ceiling = collapse(reals.floor, len(fake))
    compared = min(len(fake), len(reals.floor))
    known = {"floor_seen": reals.floor_seen, "rest": reals.rest}
    return Sets(reals.reference, given, reals.floor, ceiling, compared, reals.split, **known)
