"""What goes into an extractor: checked samples, and what it may be fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_zoo.errors import UserError

Array = Tensor | np.ndarray
CONVERSION = "((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)"


@dataclass(frozen=True)
class ExtractorData:
    """What an extractor may look at when it is built.

    Attributes:
        train_images: images, uint8 `[N, C, H, W]`, or vectors, floating point `[N, D]`.
        train_labels: int64 `[N]`, or None.
        held_out_images: what training never sees, in the same form; may be empty.
        held_out_labels: their labels, or None.
        classes: number of classes, 0 without labels.
        fingerprint: SHA-256 of the training split.
        name: of the data set, for ids.
    """

    train_images: Tensor
    train_labels: Tensor | None = None
    held_out_images: Tensor | None = None
    held_out_labels: Tensor | None = None
    classes: int = 0
    fingerprint: str = ""
    name: str = "data"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one sample: `(C, H, W)` or `(D,)`."""
        return tuple(self.train_images.shape[1:])

    @property
    def is_image(self) -> bool:
        """Whether samples are images."""
        return self.train_images.ndim == 4


def as_tensor(values: Array) -> Tensor:
    """Return a tensor, detached; arrays are copied, since torch cannot view all of them.

    Raises:
        UserError: for anything that does not hold numbers.
    """
    try:
        return values.detach() if isinstance(values, Tensor) else torch.from_numpy(np.array(values))
    except TypeError as error:
        raise UserError(f"Samples are numbers in a torch tensor or a NumPy array; {error}") from error


def check_samples(values: Tensor, shape: tuple[int, ...], extractor: str) -> Tensor:
    """Return samples that an extractor made for `shape` can take.

    Args:
        values: images, uint8 `[N, C, H, W]`, or vectors, floating point `[N, D]`.
        shape: of one sample.
        extractor: its name, for messages.

    Raises:
        UserError: for another form or type, or for vectors that are not finite.
    """
    if len(shape) == 3:
        return _check_images(values, shape, extractor)
    if values.ndim != 2 or tuple(values.shape[1:]) != shape or not values.is_floating_point():
        given = f"{values.dtype} of shape {list(values.shape)}"
        raise UserError(
            f"extractor={extractor} was built for vectors [N, {shape[0]}] of floats, and got {given}."
        )
    bad = int((~torch.isfinite(values)).sum())
    if bad:
        raise UserError(
            f"{bad} of {values.numel()} coordinates are not finite (NaN or infinite). Leave those samples "
            "out, or look for divergence in what made them."
        )
    return values


def _check_images(values: Tensor, shape: tuple[int, ...], extractor: str) -> Tensor:
    if values.dtype != torch.uint8:
        raise UserError(
            f"Images must be uint8 in 0..255, got {values.dtype}. "
            f"Convert images in [-1, 1] with {CONVERSION}."
        )
    given = tuple(values.shape[1:])
    if values.ndim == 4 and given == shape:
        return values
    built = f"extractor={extractor} was built for images [N, {', '.join(map(str, shape))}]"
    if values.ndim == 4 and {given[0], shape[0]} == {1, 3}:
        kinds = {1: "grey", 3: "color"}
        raise UserError(
            f"Grey against color: {built} ({kinds[shape[0]]}), and got {list(values.shape)} "
            f"({kinds[given[0]]}). Make both grey, or repeat the grey channel with images.repeat(1, 3, 1, 1)."
        )
    raise UserError(f"{built}, and got {list(values.shape)}. Bring all images to one size first.")


def spread(count: int, most: int) -> Tensor:
    """Return at most `most` of the indices 0..count-1, evenly spread, so that sorted data lose no class.

    Example:
        >>> spread(10, 4).tolist()
        [0, 3, 6, 9]
    """
    return torch.arange(count) if count <= most else torch.linspace(0, count - 1, most).round().long()
