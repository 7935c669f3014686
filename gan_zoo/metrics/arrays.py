"""What metrics accept: tensors or arrays in, checked CPU tensors out, and messages that say what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.distances import squared_distance_blocks as squared_distance_blocks
from gan_zoo.metrics.distances import squared_distances as squared_distances

Array = torch.Tensor | np.ndarray

_AXES = {1: "[N]", 2: "[N, D]", 3: "[N, A, B]", 4: "[N, C, H, W]"}
# Beyond it squares and the cubes of kernels overflow double precision; single precision ends at 3e38.
LARGEST = 1e50
FINITE = float(np.finfo(np.float64).max)  # the limit of what does not depend on the scale
TO_UINT8 = "((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)"


def check_array(values: Any, name: str) -> None:
    """Check that `values` are a tensor or an array of numbers.

    Raises:
        UserError: for anything else, such as a list.
    """
    if isinstance(values, Tensor) or (isinstance(values, np.ndarray) and values.dtype.kind in "biuf"):
        return
    given = f"an array of {values.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
    raise UserError(f"{name}: expected numbers in a torch tensor or a NumPy array, got {given}.")


def _as_tensor(values: Any, name: str) -> Tensor:
    check_array(values, name)
    if isinstance(values, np.ndarray):
        wide = np.dtype(np.float64) if values.dtype.itemsize > 8 else values.dtype.newbyteorder("=")
        native = values.astype(wide, copy=False)
        return torch.from_numpy(
            np.require(native, requirements=["C", "W"])
        )  # a view where torch can have one
    result: Tensor = values.detach().cpu().resolve_neg()
    return result


def _check_form(values: Tensor, name: str, dimensions: int | None) -> None:
    if dimensions is not None and values.ndim != dimensions:
        wanted = _AXES.get(dimensions, f"{dimensions} dimensions")
        hint = " Flatten the samples with values.reshape(len(values), -1)." if dimensions == 2 else ""
        raise UserError(f"{name}: expected shape {wanted}, got {list(values.shape)}.{hint}")
    if values.numel() == 0:
        raise UserError(
            f"{name}: there are no values, its shape is {list(values.shape)}. Give at least one sample."
        )


def as_float64(values: Array, name: str, dimensions: int | None = 2, largest: float = LARGEST) -> Tensor:
    """Return `values` as a float64 tensor on the CPU.

    Args:
        values: finite numbers of any real type, on any device.
        name: how messages call them.
        dimensions: how many there must be; any number when None.
        largest: no value may be farther from 0.

    Raises:
        UserError: for another number of dimensions, no values, or values that are not finite or so large that
            their squares are not.

    Example:
        >>> as_float64(np.array([[1, 2]]), "real")
        tensor([[1., 2.]], dtype=torch.float64)
    """
    return as_single_or_double(values, name, dimensions, largest).to(torch.float64)


def as_single_or_double(
    values: Array, name: str, dimensions: int | None = 2, largest: float = LARGEST
) -> Tensor:
    """Return `values` as `as_float64` does, but float32 as it is: for those who convert it piece by piece.

    Many features take longer to convert at once, to fresh memory, than some of what is done with them.
    """
    given = _as_tensor(values, name)
    _check_form(given, name, dimensions)
    if given.is_complex():
        raise UserError(f"{name}: expected real numbers, got {given.dtype}.")
    result = given if given.dtype == torch.float32 else given.to(torch.float64)
    _check_range(result, name, largest)
    return result


def _check_range(values: Tensor, name: str, largest: float) -> None:
    low, high = torch.aminmax(values)
    if max(-low, high) <= largest:  # not so for NaN
        return
    bad = int((~torch.isfinite(values)).sum())  # most often a generator that has diverged
    if bad:
        raise UserError(
            f"{name}: {bad} of {values.numel()} values are not finite (NaN or infinite). "
            "Leave those samples out, or look for divergence in what made them."
        )
    bad = int((values.abs() > largest).sum())
    raise UserError(
        f"{name}: {bad} of {values.numel()} values are beyond {largest:g}, so that their squares overflow. "
        "Look for divergence in what made them, or divide all samples by the same number."
    )


def as_images(values: Array, name: str) -> Tensor:
    """Return images `[N, C, H, W]`, uint8 in 0..255, on the CPU; this is how all metrics see images.

    Raises:
        UserError: for another form or type; floating-point images must be rounded first, as a saved file is.
    """
    given = _as_tensor(values, name)
    if given.dtype != torch.uint8:
        raise UserError(
            f"{name}: images are uint8 in 0..255 in all metrics, got {given.dtype}. "
            f"Convert images in [-1, 1] with {TO_UINT8}."
        )
    _check_form(given, name, 4)
    return given


def check_same_width(real: Tensor, fake: Tensor) -> None:
    """Check that one real and one fake sample have the same form.

    Args:
        real: `[N, ...]`.
        fake: `[M, ...]`.

    Raises:
        UserError: if they differ.
    """
    if real.shape[1:] == fake.shape[1:]:
        return
    first, second = list(real.shape[1:]), list(fake.shape[1:])
    if real.ndim == fake.ndim == 4 and {real.shape[1], fake.shape[1]} == {1, 3}:
        raise UserError(
            f"Grey against color: real images are {first}, fake images are {second}. "
            "Repeat the grey channel with images.repeat(1, 3, 1, 1), or make both grey."
        )
    raise UserError(
        f"Real and fake samples differ in form: {first} against {second}. "
        "Take both from the same extractor, at the same size."
    )


def check_enough(values: Tensor, name: str, least: int, why: str) -> None:
    """Check that there are at least `least` samples.

    Args:
        values: `[N, ...]`.
        name: how the message calls them.
        least: how many are needed.
        why: what needs them, such as `a covariance`.

    Raises:
        UserError: if there are fewer.
    """
    if len(values) < least:
        raise UserError(
            f"{name}: {len(values)} samples are too few, {why} needs at least {least}. Give more."
        )
