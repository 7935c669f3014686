"""Bins of a training set by k-means, and the bin of any sample."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64, check_array

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
    """

    centers: Tensor
    dimensions: Tensor
    shift: Tensor
    scale: Tensor
    counts: Tensor
    width: int

    def __len__(self) -> int:
        return len(self.centers)

    def assign(self, samples: Array) -> Tensor:
        """Return the bin of each of `samples`, `[N, ...]`, as `[N]`, int64.

        Raises:
            UserError: for samples of another form than the bins were fitted to.
        """
        # |x - c|^2 = |x|^2 - 2 x.c + |c|^2, and |x|^2 is the same for every bin: one matrix product decides.
        # With x = (y - shift) / scale both are folded into the centers; samples are multiplied as they come.
        weights = (self.centers / self.scale).T  # [d, K]
        offset = self.centers.square().sum(1) / 2.0 + self.shift @ weights  # [K]
        rows = max(1, BLOCK_VALUES // self.width)
        check_array(samples, "samples")
        found = []
        for start in range(0, max(1, len(samples)), rows):
            block = _flat(samples[start : start + rows], "samples")
            if block.shape[1] != self.width:
                given = block.shape[1]
                raise UserError(f"samples: bins were fitted to {self.width} values per sample, got {given}.")
            chosen = _columns(block, self.dimensions, "samples")
            found.append(torch.addmm(offset, chosen, weights, beta=-1.0).argmax(1))
        return torch.cat(found)


def fit_bins(
    train: Array,
    bins: int = 100,
    *,
    whiten: bool = False,
    most_dimensions: int = 1000,
    seed: int = 0,
    restarts: int = 1,
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

    Raises:
        UserError: for fewer (different) samples than bins.
    """
    flat = _flat(train, "train")
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
    return Bins(centers, dimensions, shift, scale, torch.bincount(members, minlength=bins), width)


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


def _flat(samples: Array, name: str) -> Array:
    check_array(samples, name)
    if samples.ndim < 2 or len(samples) == 0:
        shape = list(samples.shape)
        raise UserError(f"{name}: expected at least one sample in a shape like [N, D], got {shape}.")
    return samples.reshape(len(samples), -1)


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
