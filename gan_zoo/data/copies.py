"""Images that are there more than once, and classes that are there without images."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import torch

from gan_zoo.data.listing import printable


def pixel_number(pixels: np.ndarray) -> int:
    """Return a number that tells images apart: equal pixels, equal numbers; 64 bits of a hash."""
    content = np.ascontiguousarray(pixels)
    return int.from_bytes(hashlib.blake2b(content.data, digest_size=8).digest(), "big")


def copy_notes(
    names: Sequence[str], labels: Sequence[int], numbers: np.ndarray, sides: np.ndarray
) -> list[str]:
    """Say how many images are copies of others, as training sees them; that takes N log N steps.

    Args:
        names: of all images.
        labels: their classes, or -1.
        numbers: their `pixel_number`, uint64 `[N]`.
        sides: 1 for training images, 2 for held-out ones, 0 for others, `[N]`.
    """
    train, held_out = np.flatnonzero(sides == 1), np.flatnonzero(sides == 2)
    known, first, which = np.unique(numbers[train], return_index=True, return_inverse=True)
    originals = train[first[which]]  # the first image with the same pixels, for each training image
    copies = np.flatnonzero(originals != train)
    notes = []
    if len(copies):
        pair = printable(f"{names[train[copies[0]]]} is {names[originals[copies[0]]]}")
        classes = np.asarray(labels)
        other = int((classes[train[copies]] != classes[originals[copies]]).sum())
        also = f"; {other} of them have another label than their original" if other else ""
        notes.append(f"{len(copies)} of {len(train)} training images are copies of others ({pair}){also}")
    at = np.searchsorted(known, numbers[held_out]) if len(known) else np.zeros(0, dtype=int)
    at = at.clip(max=max(len(known) - 1, 0))
    leaked = np.flatnonzero(known[at] == numbers[held_out]) if len(known) else at
    if len(leaked):
        pair = printable(f"{names[held_out[leaked[0]]]} is {names[train[first[at[leaked[0]]]]]}")
        notes.append(
            f"{len(leaked)} of {len(held_out)} held-out images are training images, too ({pair}): measures "
            f"that compare with held-out images will look better than they are"
        )
    return notes


def class_notes(
    train: torch.Tensor | None, held_out: torch.Tensor | None, class_names: Sequence[str], own_split: bool
) -> list[str]:
    """Name the classes that have no image in a split.

    Args:
        train: labels of the training images `[N]`, or None.
        held_out: labels of the held-out images `[M]`, or None.
        class_names: of all classes.
        own_split: whether the data say themselves what is held out.
    """
    notes = []
    for labels, split in ((train, "training"), (held_out if own_split else None, "held-out")):
        if labels is None or not class_names:
            continue
        missing = np.flatnonzero(torch.bincount(labels, minlength=len(class_names)).numpy() == 0)
        if len(missing):
            listed = printable(", ".join(class_names[index] for index in missing[:5]))
            more = ", ..." if len(missing) > 5 else ""
            effect = "; conditional models cannot learn what they never see" if split == "training" else ""
            notes.append(
                f"{len(missing)} of {len(class_names)} classes have no {split} image: {listed}{more}{effect}"
            )
    return notes
