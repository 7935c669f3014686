"""Which extractor an evaluation looks through, and how it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_zoo.data.base import Dataset
from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.extractors import EXTRACTORS, ExtractorData, build_extractor
from gan_zoo.extractors.base import Extractor
from gan_zoo.extractors.classifier_data import OTHERS, checked_labels
from gan_zoo.extractors.stacked_classifier import one_by_one

AUTO = "auto"
STACKED = "stacked_mnist"


def check_extractor(name: str) -> None:
    """Refuse an extractor that there is not, before any work.

    Raises:
        UserError: for an unknown name.
    """
    if name != AUTO and name not in EXTRACTORS:
        raise UserError(f"extractor={name}: there is no such. {did_you_mean(name, [AUTO, *EXTRACTORS])}")


def choose_extractor(dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """Return what `auto` means, and a warning where no classifier can be trained although there are labels.

    It means the coordinates of vectors, a classifier where one can be trained, else random convolutions.
    """
    if not dataset.spec.is_image:
        return "pixels", ()
    if dataset.spec.classes < 2:
        return "random_convolutions", ()
    stacked = dataset.spec.name == STACKED
    trouble = _trouble(dataset, stacked)
    if not trouble:
        return "stacked_classifier" if stacked else "classifier", ()
    warning = f"extractor=auto takes random_convolutions, so nothing is classified. {trouble}"
    return "random_convolutions", (warning,)


def _trouble(dataset: Dataset, stacked: bool) -> str:
    """Return why no classifier can be trained on the data, or an empty text."""
    train, held_out = dataset.train, dataset.held_out
    data = ExtractorData(
        train.values, train.labels, held_out.values, held_out.labels, dataset.spec.classes,
        dataset.fingerprint, dataset.spec.name,
    )  # fmt: skip
    try:
        checked_labels(one_by_one(data) if stacked else data)
    except UserError as error:
        return str(error).partition(OTHERS)[0].strip()
    return ""


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
        choose_extractor(dataset)[0] if name == AUTO else name,
        train_images=dataset.train.values,
        train_labels=dataset.train.labels,
        held_out_images=dataset.held_out.values,
        held_out_labels=dataset.held_out.labels,
        classes=dataset.spec.classes,
        fingerprint=dataset.fingerprint,
        dataset=dataset.spec.name,
        **(parameters or {}),
    )
