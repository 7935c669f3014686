"""A classifier of the handwritten digits, trained on the training split alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from sklearn.svm import SVC
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gan_zoo.data.load import load_dataset


def features(images: Tensor) -> np.ndarray:
    """Bring images `[N, 1, H, W]` in [-1, 1] back to the 8x8 that the digits were recorded in, `[N, 64]`."""
    return adaptive_avg_pool2d(images.float(), 8).flatten(1).numpy()


@cache
def digit_classifier(size: int) -> tuple[SVC, float]:
    """Return the classifier of digits shown at `size` px, and its accuracy on the held-out split."""
    dataset = load_dataset({"name": "digits", "size": size, "held_out": 0.2})
    sets = [(features(s.values / 127.5 - 1.0), s.labels.numpy()) for s in (dataset.train, dataset.held_out)]
    classifier = SVC(C=10.0, gamma="scale").fit(*sets[0])
    return classifier, classifier.score(*sets[1])


def class_shares(images: Tensor) -> np.ndarray:
    """Return the share of each digit among images `[N, 1, H, W]`, `[10]`."""
    classifier, _ = digit_classifier(images.shape[-1])
    found = classifier.predict(features(images))
    assert torch.isfinite(images).all()
    return np.bincount(found, minlength=10) / len(found)
