"""Bins of a training set by k-means, and the bin of any sample."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import TO_UINT8, Array, as_float64, check_array

BLOCK_VALUES = 2**23  # converted to float64 at once, 64 MB


@dataclass(frozen=True)
class Bins:
    """Centers of K bins in the coordinates that were chosen; a sample belongs to the nearest.

    Attributes:
        centers: `[K, d]`, float64, of (samples - shift) / scale; in data units without whitening.
        dimensions: `[d]`, which of a flattened sample's D coordinates are used.
        shift: `[d]`, the mean with whitening, else 0.
        scale: `[d]`, the standard deviation with whitening, else 1.
        counts: `[K]`, training samples in each bin.
        width: D.
        shape: of one training sample, `(C, H, W)` of images, `(D,)` of vectors; None where it is not known.
        is_uint8: whether training samples were uint8; None where that is not known, as of pixels 0..255 in
            another type.
    """

    centers: Tensor
    dimensions: Tensor
    shift: Tensor
    scale: Tensor
    counts: Tensor
    width: int
    shape: tuple[int, ...] | None = None  # the last two have defaults so that bins saved without them load
    is_uint8: bool | None = None

    def __len__(self) -> int:
        return len(self.centers)

    def assign(self, samples: Array) -> Tensor:
        """Return the bin of each of `samples`, `[N, ...]`, as `[N]`, int64.

        Flattened samples, and pixels 0..255 in another type, count as what they were made from.

        Raises:
            UserError: for samples of another form or in other units than the bins were fitted to.
        """
        # |x - c|^2 = |x|^2 - 2 x.c + |c|^2, and |x|^2 is the same for every bin: one matrix product decides.
        # With x = (y - shift) / scale both are folded into the centers; samples are multiplied as they come.
        weights = (self.centers / self.scale).T  # [d, K]
        offset = self.centers.square().sum(1) / 2.0 + self.shift @ weights  # [K]
        rows = max(1, BLOCK_VALUES // self.width)
        _check_samples(samples, "samples")
        self._check_shape(tuple(samples.shape[1:]))
        found = []
        for start in range(0, len(samples), rows):
            block = samples[start : start + rows]
            chosen = _columns(block.reshape(len(block), -1), self.dimensions, "samples")
            self._check_units(chosen, samples)
            found.append(torch.addmm(offset, chosen, weights, beta=-1.0).argmax(1))
        return torch.cat(found)

    def _check_shape(self, given: tuple[int, ...]) -> None:
        """Refuse samples of another shape; flattened ones are told by their number of values.

        Raises:
            UserError: if they have another one.
        """
        fitted = self.shape or (self.width,)
        if given == fitted or (math.prod(given) == self.width and 1 in (len(given), len(fitted))):
            return
        if len(given) == len(fitted) == 3 and {given[0], fitted[0]} == {1, 3}:
            raise UserError(
                f"Grey against color: bins were fitted to images {list(fitted)}, got {list(given)}. "
                "Repeat the grey channel with images.repeat(1, 3, 1, 1), or fit the bins to such images."
            )
        raise UserError(
            f"samples: bins were fitted to {self.width} values per sample, got {math.prod(given)} (shape "
            f"{list(fitted)} against {list(given)}). Give samples of the same size with the same channels, "
            "grey or color, or fit the bins to samples like these."
        )

    def _check_units(self, values: Tensor, samples: Array) -> None:
        """Refuse other values than 0..255 where the training set was uint8, and uint8 where it was not.

        Args:
            values: what is looked at of some of the samples, float64.
            samples: all of them, for their type.

        Raises:
            UserError: for samples in other units.
        """
        if self.is_uint8 and not _is_uint8(samples) and not _are_levels(values):
            raise UserError(
                f"samples: bins were fitted to uint8 images in 0..255, got {samples.dtype} from "
                f"{values.min():g} to {values.max():g}. Convert images in [-1, 1] with {TO_UINT8}."
            )
        if self.is_uint8 is False and _is_uint8(samples):
            raise UserError(
                "samples: bins were fitted to floating-point values, got uint8 in 0..255. Fit the bins to "
                f"uint8 images, too: convert images in [-1, 1] with {TO_UINT8}."
            )


def fit_bins(
    train: Array,
    bins: int = 100,
    *,
    whiten: bool = False,
    most_dimensions: int = 1000,
    seed: int = 0,
    restarts: int = 1,
    generator: torch.Generator | None = None,
) -> Bins:
    """Cluster a training set by k-means (scikit-learn, k-means++), as Richardson and Weiss do for NDB.

    About 500 training samples per bin are recommended; save the result, since a figure is only comparable
    with others from the same bins.

    Args:
        train: `[N, ...]`, vectors, features or images (of any type; they are flattened).
        bins: K.
        whiten: subtract each coordinate's mean and divide by its standard deviation.
        most_dimensions: above this width D // 6 random coordinates are used, as in the paper.
        seed: of the coordinates and of k-means.
        restarts: best of how many k-means runs.
        generator: draws another seed in place of `seed`.

    Raises:
        UserError: for fewer (different) samples than bins.
    """
    if generator is not None:
        seed = int(torch.randint(2**32, (), generator=generator))  # scikit-learn takes 32 bits
    _check_samples(train, "train")
    flat = train.reshape(len(train), -1)
    if not 2 <= bins <= len(flat):
        raise UserError(f"bins: expected 2..{len(flat)}, the number of training samples, got {bins}.")
    width = flat.shape[1]
    dimensions = torch.arange(width)
    if width > most_dimensions:
        order = torch.randperm(width, generator=Draws(seed).generator("bins/dimensions"))
        dimensions = order[: max(1, width // 6)].sort().values
    values = _columns(flat, dimensions, "train")
    shift = values.mean(0) if whiten else values.new_zeros(len(dimensions))
    scale = values.std(0, correction=0) if whiten else torch.ones_like(shift)
    scale = torch.where(scale > 0, scale, 1.0)  # a constant coordinate says nothing in any unit
    centers, members = _cluster((values - shift) / scale, bins, seed, restarts)
    is_uint8 = True if _is_uint8(train) else None if _are_levels(values) else False
    counts, shape = torch.bincount(members, minlength=bins), tuple(train.shape[1:])
    return Bins(centers, dimensions, shift, scale, counts, width, shape, is_uint8)


def _cluster(values: Tensor, bins: int, seed: int, restarts: int) -> tuple[Tensor, Tensor]:
    """Return centers `[K, d]` and the bin of each row of `values` `[N, d]`.

    Raises:
        UserError: if too few rows differ.
    """
    from sklearn.cluster import KMeans  # scikit-learn takes a second to import
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            found = KMeans(bins, n_init=restarts, random_state=seed).fit(values.numpy())
        except ConvergenceWarning as warning:
            raise UserError(
                f"bins: fewer than {bins} training samples differ. Ask for fewer bins."
            ) from warning
    return torch.from_numpy(found.cluster_centers_), torch.from_numpy(found.labels_).long()


def _check_samples(samples: Array, name: str) -> None:
    check_array(samples, name)
    if samples.ndim < 2 or len(samples) == 0:
        shape = list(samples.shape)
        raise UserError(f"{name}: expected at least one sample in a shape like [N, D], got {shape}.")


def _is_uint8(samples: Array) -> bool:
    return samples.dtype == (torch.uint8 if isinstance(samples, Tensor) else np.uint8)


def _are_levels(values: Tensor) -> bool:
    """Return whether all values are whole and in 0..255, as those of uint8 images are in any type."""
    low, high = torch.aminmax(values)
    return bool(low >= 0.0 and high <= 255.0) and torch.equal(values, values.round())


def _columns(flat: Array, dimensions: Tensor, name: str) -> Tensor:
    """Return the chosen columns of `[N, D]` as float64; they are chosen before they are converted."""
    if len(dimensions) < flat.shape[1]:
        if isinstance(flat, np.ndarray):
            flat = np.take(flat, dimensions.numpy(), axis=1)
        else:
            flat = flat.index_select(1, dimensions.to(flat.device))
    if isinstance(flat, Tensor) and flat.dtype == torch.uint8:
        return flat.cpu().double()  # pixels are always finite
    return as_float64(flat, name)
