"""Real digits, and extractors trained on them once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_zoo.data.digits import Digits
from gan_zoo.data.ring import Ring
from gan_zoo.extractors import Extractor, ExtractorData, build_extractor


def data_of(source: Any) -> ExtractorData:
    dataset = source.load()
    return ExtractorData(
        dataset.train.values, dataset.train.labels, dataset.held_out.values, dataset.held_out.labels,
        dataset.spec.classes, dataset.fingerprint, dataset.spec.name,
    )  # fmt: skip


@pytest.fixture(scope="session")
def digits() -> ExtractorData:
    """All 1,797 digits as they are, 8x8, a third of them held out."""
    return data_of(Digits(size=8, held_out=1 / 3))


@pytest.fixture(scope="session")
def ring() -> ExtractorData:
    """Points in the plane."""
    return data_of(Ring(samples=200, held_out_samples=50))


@pytest.fixture(scope="session")
def stacks() -> ExtractorData:
    """Three digits of 0..3 as channels: 64 classes."""
    few = data_of(Digits(size=8, held_out=1 / 3))

    def stack(images: torch.Tensor, labels: torch.Tensor, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        kept = (labels < 4).nonzero()[:, 0]
        chosen = kept[torch.randint(len(kept), (200, 3), generator=torch.Generator().manual_seed(seed))]
        return images[chosen, 0], labels[chosen] @ torch.tensor([16, 4, 1])

    train = stack(few.train_images, few.train_labels, 0)
    held_out = stack(few.held_out_images, few.held_out_labels, 1)
    return ExtractorData(*train, *held_out, 64, "f" * 64, "stacked_digits")


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Extractor]:
    """Build an extractor with a cache of the test's own."""

    def make(name: str, data: ExtractorData, **options: Any) -> Extractor:
        if "classifier" in name:
            options = {"cache_dir": tmp_path / "cache", "progress": False, **options}
        return build_extractor(
            name, train_images=data.train_images, train_labels=data.train_labels,
            held_out_images=data.held_out_images, held_out_labels=data.held_out_labels,
            classes=data.classes, fingerprint=data.fingerprint, dataset=data.name, **options,
        )  # fmt: skip

    return make
