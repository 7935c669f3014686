"""The held-out split: a function of the data set alone."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from gan_zoo.data.base import Samples


def is_held_out(content: bytes, share: float) -> bool:
    """Decide by a hash of an image's content whether it is held out; equal images get equal answers.

    Args:
        content: the image's file, or its pixels.
        share: expected share of held-out images, in [0, 1).
    """
    number = int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")
    return number < share * 2.0**64


def split_by_content(
    content: np.ndarray, values: Tensor, labels: Tensor | None, share: float
) -> tuple[Samples, Samples]:
    """Split samples into training and held-out ones.

    Args:
        content: what is hashed, row by row, `[N, ...]`: the pixels before any resizing.
        values: samples `[N, ...]`.
        labels: `[N]`, or None.
        share: of held-out samples, in [0, 1).
    """
    held_out = torch.tensor([is_held_out(row.tobytes(), share) for row in content], dtype=torch.bool)
    return take(values, labels, ~held_out), take(values, labels, held_out)


def take(values: Tensor, labels: Tensor | None, chosen: Tensor) -> Samples:
    """Return the samples that `chosen` (a mask or indices, `[N]`) names."""
    return Samples(values[chosen], None if labels is None else labels[chosen])
