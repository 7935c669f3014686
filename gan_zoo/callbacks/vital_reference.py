"""What the reals themselves score, so that every vital sign of the fakes is read against it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.callbacks import vital_signs as signs
from gan_zoo.callbacks.vital_probe import Probe
from gan_zoo.data.base import Dataset

CELLS = 16  # bins of data without known modes
SMALLEST_MS_SSIM = 32  # pixels a side from which MS-SSIM is defined
LARGEST_MS_SSIM = 64  # larger images are averaged down for it: at 128 pixels it would take most of a look
PAIRS = 16  # of MS-SSIM, at most


@dataclass(frozen=True)
class Reference:
    """Reals at one stage of growth, and what they score.

    Attributes:
        rows: held-out reals (training ones where too few are held out), `[N, D]`.
        within: mean distance between two of them.
        pair: mean absolute difference between two of them, of one class where fakes have classes.
        centers: of the cells whose coverage is watched, `[K, D]`: the data's modes, or k-means of reals.
        expected: share of the reals in each cell, `[K]`.
        radius: distance from its mode that a good sample may have, as 98.9 % of reals; None without modes.
        coverage: what as many held-out reals cover.
        divergence: of their histogram over the cells from `expected`, in nats; what chance alone makes of it.
        bank: training reals `[M, D]` if they are the whole set, else None.
        distance: median distance of held-out reals to the bank, or None.
        ms_ssim: of held-out reals, or None.
    """

    rows: Tensor
    within: Tensor
    pair: Tensor
    centers: Tensor
    expected: Tensor
    radius: Tensor | None
    coverage: Tensor
    divergence: Tensor
    bank: Tensor | None
    distance: Tensor | None
    ms_ssim: Tensor | None

    @classmethod
    @torch.no_grad()
    def of(cls, probe: Probe, dataset: Dataset) -> Reference:
        """Measure the reals at the present stage."""
        chosen = probe.held_out or probe.train
        images = probe.reals(chosen)
        rows, bank = signs.flat(images), signs.flat(probe.reals(probe.bank))
        labels = None if chosen.labels is None else chosen.labels.to(rows.device)
        if dataset.modes is not None:
            centers = dataset.modes.to(rows.device).float() / dataset.spec.scale
            expected = torch.full((len(centers),), 1.0 / len(centers), device=rows.device)
        else:
            centers = signs.cells_of(bank, CELLS, probe.draws.generator("vitals", "cells"))
            expected = signs.shares(signs.nearest(bank, centers)[1], len(centers))
        found = signs.shares(signs.nearest(rows, centers)[1], len(centers))
        known_modes = dataset.modes is not None
        sees_copies = probe.sees_all and probe.held_out is not None
        return cls(
            rows=rows,
            within=signs.within(rows),
            pair=signs.class_distance(rows, labels),
            centers=centers,
            expected=expected,
            radius=signs.nearest(bank, centers)[0].quantile(signs.GOOD) if known_modes else None,
            coverage=signs.covered(found, expected),
            divergence=signs.jensen_shannon_divergence(found, expected),
            bank=bank if sees_copies else None,
            distance=signs.nearest(rows, bank)[0].median() if sees_copies else None,
            ms_ssim=ms_ssim(images),
        )


def ms_ssim(images: Tensor) -> Tensor | None:
    """Return the mean MS-SSIM of pairs of images `[N, C, H, W]` in [-1, 1]; None below 32 pixels."""
    if images.dim() != 4 or min(images.shape[2:]) < SMALLEST_MS_SSIM or len(images) < 2:
        return None
    from gan_zoo.metrics.functional import ms_ssim as similarity

    height, width = (min(LARGEST_MS_SSIM, size) for size in images.shape[2:])
    images = torch.nn.functional.adaptive_avg_pool2d(images[: 2 * PAIRS], (height, width))
    pixels = images.add(1.0).mul(127.5).round().clamp(0.0, 255.0).to(torch.uint8)
    first, second = pixels.chunk(2)
    return similarity(first[: len(second)], second).mean().to(images)
