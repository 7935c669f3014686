"""Modes captured on Gaussians of low intrinsic dimension: [N(0, I_q), 0_(D-q)] + m 1_D, the 1200-D set.

Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761) use D = 1200 with q = 700 and call a sample good within 10
standard deviations of its mode. True samples lie sqrt(700) = 26.5 away, so that rule accepts none of them and
rewards point masses; it is reported for comparison only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_float64
from gan_zoo.metrics.functional.modes_captured import check_same_space, histogram_of_modes

NOISY = 700  # leading coordinates that vary
RADIUS = 3.0  # in standard deviations of the mean over coordinates
PUBLISHED_RADIUS = 10.0  # in standard deviations of one coordinate
BLOCK = 4096


@dataclass(frozen=True)
class ModesCaptured1200d:
    """What samples show of the mixture; `faithful` needs all three of the last kind of numbers.

    Attributes:
        modes: modes with at least N / (10 K) high-quality samples; K is ideal.
        captured: modes with at least one.
        high_quality: share of samples whose mean over coordinates is near a mode; .9973 is ideal.
        reverse_kl: KL(histogram of high-quality samples over modes || uniform), nats; lower is better.
        jensen_shannon_divergence: between the same two, nats.
        std_ratio: standard deviation across samples in the noisy coordinates over the true one; 1 is ideal,
            0 for point masses, NaN where no mode has two high-quality samples.
        rest_rms: root mean square of the other coordinates about their mode; 0 is ideal, NaN without samples.
        counts: `[K]`, high-quality samples of each mode.
        published_modes: modes captured by VEEGAN's rule, for comparison only.
        published_high_quality: share of good samples by that rule; 0 is what true samples reach.
    """

    modes: int
    captured: int
    high_quality: float
    reverse_kl: float
    jensen_shannon_divergence: float
    std_ratio: float
    rest_rms: float
    counts: Tensor
    published_modes: int
    published_high_quality: float


def modes_captured_1200d(
    samples: Array, centers: Array, *, noisy: int = NOISY, std: float = 1.0, radius: float = RADIUS
) -> ModesCaptured1200d:
    """Count the modes that samples of a high-dimensional mixture show.

    A sample is of high quality if its mean over all D coordinates is within `radius` of its standard
    deviations, sqrt(q) std / D, of the nearest mode: 3 sqrt(700) / 1200 = .066. The standard deviation is
    taken over high-quality samples in each noisy coordinate, about the mean of their own mode there, so
    that one noisy-looking point repeated has none; what the rule cuts off is put back exactly.

    Args:
        samples: `[N, D]`, in data units.
        centers: `[K, D]`, each constant over coordinates.
        noisy: q, how many leading coordinates vary.
        std: of each of them.
        radius: of high quality.

    Raises:
        UserError: if samples and centers differ in width, or centers are not constant over coordinates.
    """
    tally = tally_modes_1200d(samples, centers, noisy=noisy, std=std, radius=radius)
    return summarize_modes_1200d(tally, noisy=noisy, std=std, radius=radius)


def tally_modes_1200d(
    samples: Array, centers: Array, *, noisy: int = NOISY, std: float = 1.0, radius: float = RADIUS
) -> dict[str, Tensor]:
    """Return sums over samples that `summarize_modes_1200d` needs; those of batches add up."""
    modes = as_float64(centers, "centers")
    if not 0 < noisy <= modes.shape[1] or (modes != modes[:, :1]).any():
        raise UserError(
            f"centers: expected [K, D] constant over coordinates and {noisy} noisy ones among D, got "
            f"{list(modes.shape)}. For other mixtures take modes_captured."
        )
    total: dict[str, Tensor] = {}
    for start in range(0, max(len(samples), 1), BLOCK):  # 100,000 samples would take a gigabyte at once
        part = _tally_block(as_float64(samples[start : start + BLOCK], "samples"), modes, noisy, std, radius)
        total = {name: total[name] + value for name, value in part.items()} if total else part
    return total


def _tally_block(values: Tensor, modes: Tensor, noisy: int, std: float, radius: float) -> dict[str, Tensor]:
    check_same_space(values, modes)
    count, width = modes.shape
    away, nearest = (values.mean(1, keepdim=True) - modes[:, 0]).abs().min(1)
    good = away <= radius * std * math.sqrt(noisy) / width
    deviations = values - modes[nearest]
    published = deviations.norm(dim=1) <= PUBLISHED_RADIUS * std
    chosen, deviations = nearest[good], deviations[good]
    varying, rest = deviations[:, :noisy], deviations[:, noisy:]
    return {
        "samples": torch.tensor(len(values)),
        "counts": torch.bincount(chosen, minlength=count),
        "published": torch.bincount(nearest[published], minlength=count),
        "sums": modes.new_zeros(count, noisy).index_add_(0, chosen, varying),
        "squares": modes.new_zeros(count).index_add_(0, chosen, varying.square().sum(1)),
        "rest": rest.square().sum(),
        "rest_width": torch.tensor(rest.shape[1] * len(chosen)),
    }


def summarize_modes_1200d(
    tally: Mapping[str, Tensor], *, noisy: int = NOISY, std: float = 1.0, radius: float = RADIUS
) -> ModesCaptured1200d:
    """Turn the sums of `tally_modes_1200d` into the metric."""
    samples, counts, published = int(tally["samples"]), tally["counts"], tally["published"]
    scatter = tally["squares"] - tally["sums"].square().sum(1) / counts.clamp(min=1)
    freedom = (counts - 1).clamp(min=0) * noisy
    variance = torch.where(freedom > 0, scatter, 0.0).sum() / freedom.sum()
    kept = (noisy - 1.0 + _kept_along_mean(radius)) / noisy
    return ModesCaptured1200d(
        **histogram_of_modes(counts, samples),
        std_ratio=(variance.clamp(min=0.0) / kept).sqrt().item() / std,
        rest_rms=(tally["rest"] / tally["rest_width"]).sqrt().item(),
        counts=counts,
        published_modes=int((published > 0).sum()),
        published_high_quality=published.sum().item() / samples,
    )


def _kept_along_mean(radius: float) -> float:
    """Return the variance of N(0, 1) cut at +-radius: the rule cuts along the mean, one direction of q."""
    density = math.exp(-(radius**2) / 2.0) / math.sqrt(2.0 * math.pi)
    return 1.0 - 2.0 * radius * density / math.erf(radius / math.sqrt(2.0))
