"""Which extractor an evaluation looks through, and how it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_zoo.data.base import Dataset
from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.extractors import EXTRACTORS, build_extractor
from gan_zoo.extractors.base import Extractor

AUTO = "auto"
STACKED = "stacked_mnist"


def check_extractor(name: str) -> None:
    """Refuse an extractor that there is not, before any work.

    Raises:
        UserError: for an unknown name.
    """
    if name != AUTO and name not in EXTRACTORS:
        raise UserError(f"extractor={name}: there is no such. {did_you_mean(name, [AUTO, *EXTRACTORS])}")


def choose_extractor(dataset: Dataset) -> str:
    """Return what `auto` means: coordinates of vectors, a classifier where there are labels, else random."""
    if not dataset.spec.is_image:
        return "pixels"
    if dataset.spec.name == STACKED and dataset.spec.classes:
        return "stacked_classifier"
    return "classifier" if dataset.spec.classes > 1 else "random_convolutions"


def make_extractor(name: str, dataset: Dataset, parameters: Mapping[str, Any] | None = None) -> Extractor:
    """Build an extractor; a classifier is trained if it is not in the cache.

    Args:
        name: of the extractor, or `auto`.
        dataset: what it is fitted to.
        parameters: of the extractor.

    Raises:
        UserError: for a name, parameters or data that it refuses.
    """
    check_extractor(name)
    return build_extractor(
        choose_extractor(dataset) if name == AUTO else name,
        train_images=dataset.train.values,
        train_labels=dataset.train.labels,
        held_out_images=dataset.held_out.values,
        held_out_labels=dataset.held_out.labels,
        classes=dataset.spec.classes,
        fingerprint=dataset.fingerprint,
        dataset=dataset.spec.name,
        **(parameters or {}),
    )
