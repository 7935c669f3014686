"""From a name and a data set's splits to an extractor."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gan_zoo.extractors.base import EXTRACTORS, Extractor
from gan_zoo.extractors.digests import digest_tensors
from gan_zoo.extractors.inputs import ExtractorData


def build_extractor(
    name: str,
    *,
    train_images: Tensor,
    train_labels: Tensor | None = None,
    held_out_images: Tensor | None = None,
    held_out_labels: Tensor | None = None,
    classes: int = 0,
    fingerprint: str = "",
    dataset: str = "data",
    **options: Any,
) -> Extractor:
    """Build an extractor; what is fitted is fitted to the training split alone.

    Args:
        name: registry key, such as `classifier`.
        train_images: images, uint8 `[N, C, H, W]` in 0..255, or vectors, floating point `[N, D]`.
        train_labels: int64 `[N]`, or None.
        held_out_images: what training never sees, for the test accuracy of a classifier.
        held_out_labels: their labels, or None.
        classes: number of classes, 0 without labels.
        fingerprint: SHA-256 of the training split; computed where it is empty.
        dataset: name of the data set, for ids.
        options: the extractor's own, such as `seed`, `weights`, `device` or `cache_dir`.

    Raises:
        UserError: for an unknown name or option, or data that the extractor cannot work with.
    """
    data = ExtractorData(
        train_images=train_images,
        train_labels=train_labels,
        held_out_images=held_out_images,
        held_out_labels=held_out_labels,
        classes=classes,
        fingerprint=fingerprint or digest_tensors({"train": train_images}),
        name=dataset,
    )
    return EXTRACTORS.build(name, data, **options)
