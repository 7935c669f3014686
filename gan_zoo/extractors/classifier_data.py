"""Which data a classifier can be trained on."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.extractors.classifier_network import SMALLEST
from gan_zoo.extractors.inputs import ExtractorData, check_samples

OTHERS = "Type extractor=random_convolutions, extractor=projection or extractor=pixels"
PER_CLASS = 5  # training images, on average; with fewer, features are those of an untrained network


def present_labels(data: ExtractorData) -> Tensor:
    """Return the labels of the training images, int64 `[N]` on the CPU.

    Raises:
        UserError: without labels, with one class, or with labels that do not fit.
    """
    if data.train_labels is None:
        raise UserError(
            f"A classifier is trained on labels, and the data set '{data.name}' has none. {OTHERS}, or give "
            "the data labels."
        )
    if data.classes < 2:
        raise UserError(
            f"A classifier tells at least 2 classes apart, '{data.name}' has {data.classes}. {OTHERS}."
        )
    return _fitting(data.train_labels, data.train_images, data.classes, "training")


def checked_labels(data: ExtractorData) -> Tensor:
    """Return the labels of data that a classifier can be trained on, int64 `[N]` on the CPU.

    Raises:
        UserError: as `present_labels`, and for images that are too small or too few.
    """
    labels = present_labels(data)
    check_samples(data.train_images[:1], data.shape, "classifier")
    if min(data.shape[1:]) < SMALLEST:
        raise UserError(
            f"A classifier needs images of at least {SMALLEST} pixels a side, these are "
            f"{data.shape[1]}x{data.shape[2]}. {OTHERS}."
        )
    if len(labels) < PER_CLASS * data.classes:
        raise UserError(
            f"A classifier needs at least {PER_CLASS} training images per class: "
            f"{PER_CLASS * data.classes} for {data.classes} classes, there are {len(labels)}. {OTHERS}."
        )
    return labels


def held_out(data: ExtractorData) -> tuple[Tensor, Tensor] | None:
    """Return held-out images and their labels, or None where there are none.

    Raises:
        UserError: if they do not fit the training split.
    """
    if data.held_out_images is None or data.held_out_labels is None or not len(data.held_out_images):
        return None
    images = check_samples(data.held_out_images, data.shape, "classifier")
    return images, _fitting(data.held_out_labels, images, data.classes, "held-out")


def _fitting(labels: Tensor, images: Tensor, classes: int, which: str) -> Tensor:
    labels = torch.as_tensor(labels).cpu()
    if labels.shape != (len(images),) or labels.is_floating_point() or labels.is_complex():
        given = f"{labels.dtype} of shape {list(labels.shape)}"
        raise UserError(
            f"Labels must be whole numbers, one for each of {len(images)} {which} images; got {given}."
        )
    low, high = (int(labels.min()), int(labels.max())) if len(labels) else (0, 0)
    if low < 0 or high >= classes:
        raise UserError(
            f"Labels of {which} images lie in {low}..{high}; {classes} classes are 0..{classes - 1}."
        )
    return labels.long()
