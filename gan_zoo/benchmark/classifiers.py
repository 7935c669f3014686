"""Who tells digits apart: a classifier trained on the training split of what generators were trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gan_zoo.data.load import load_dataset

if TYPE_CHECKING:
    from gan_zoo.extractors import Extractor

SINGLE = {
    "digits": "digits",
    "stacked_mnist": "mnist",
}  # data of suites, and the single digits they are made of
KEPT = ("root", "download", "size", "held_out")  # parameters that single digits have, too


def digit_classes(data: Mapping[str, Any], images: Tensor) -> Tensor:
    """Return the digit in each image, `[B]`.

    Args:
        data: name and parameters of the data set that generators were trained on.
        images: uint8 `[B, 1, H, W]`.
    """
    return digit_classifier(data).probabilities(images).argmax(dim=1)


def judged_by(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return which classifier it is, and how often it is right on held-out digits."""
    classifier = digit_classifier(data)
    return {"id": classifier.id, "test_accuracy": classifier.protocol().get("test_accuracy")}


def digit_classifier(data: Mapping[str, Any]) -> Extractor:
    """Return the classifier of single digits; it is trained once per machine."""
    single = {"name": SINGLE[data["name"]], **{key: data[key] for key in KEPT if key in data}}
    return _trained(json.dumps(single, sort_keys=True))


@cache
def _trained(single: str) -> Extractor:
    from gan_zoo.extractors import build_extractor  # only digits need it

    dataset = load_dataset(json.loads(single))
    assert dataset.train.labels is not None
    assert dataset.held_out.labels is not None
    return build_extractor(
        "classifier",
        train_images=dataset.train.values,
        train_labels=dataset.train.labels,
        held_out_images=dataset.held_out.values,
        held_out_labels=dataset.held_out.labels,
        classes=dataset.spec.classes,
        fingerprint=dataset.fingerprint,
        dataset=dataset.spec.name,
        progress=False,
    )
