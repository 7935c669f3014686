"""What a data set declares must be what it holds, before networks find out in the middle of a run."""

from __future__ import annotations

import torch

from gan_zoo.data.base import HASHED_ROWS, Dataset, Samples
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec


def check_dataset(dataset: Dataset) -> None:
    """Check both splits of a data set, whoever made it.

    Raises:
        UserError: for another shape or type than declared, numbers that are not finite, labels out of range.
    """
    for split, samples in (("training", dataset.train), ("held-out", dataset.held_out)):
        if len(samples):
            _check_values(dataset.spec, samples, split)
            _check_labels(dataset.spec, samples, split)


def _check_values(spec: DataSpec, samples: Samples, split: str) -> None:
    wanted = torch.uint8 if spec.is_image else torch.float32
    values = samples.values
    if values.dtype != wanted or tuple(values.shape[1:]) != spec.shape:
        kind = f"{values.dtype} {list(values.shape[1:])}"
        raise UserError(
            f"data={spec.name}: a {split} sample is {kind}, but {wanted} {list(spec.shape)} was declared."
        )
    if not spec.is_image:
        broken = sum(int((~rows.isfinite()).any(dim=1).sum()) for rows in values.split(HASHED_ROWS))
        if broken:
            raise UserError(
                f"data={spec.name}: {broken} of {len(values)} {split} samples hold numbers that are not "
                f"finite (NaN or infinite). Remove them."
            )


def _check_labels(spec: DataSpec, samples: Samples, split: str) -> None:
    labels = samples.labels
    if labels is None:
        return
    if labels.dtype != torch.int64 or labels.shape != (len(samples),):
        raise UserError(
            f"data={spec.name}: {len(samples)} {split} samples have labels {labels.dtype} "
            f"{list(labels.shape)}; one int64 for each is needed."
        )
    least, largest = int(labels.min()), int(labels.max())
    if spec.classes and not 0 <= least <= largest < spec.classes:
        raise UserError(
            f"data={spec.name}: {split} labels lie in {least} to {largest}, but {spec.classes} classes were "
            f"declared: 0 to {spec.classes - 1} are allowed."
        )
