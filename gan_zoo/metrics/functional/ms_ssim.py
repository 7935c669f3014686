"""Multi-scale structural similarity of pairs of images, and diversity by it.

Wang, Simoncelli and Bovik 2003, equation 7, in the form in which GAN papers use it (Odena et al. 2017,
arXiv:1610.09585; Karras et al. 2018, arXiv:1710.10196): unlike the form of image compression it works from
32 pixels, since the window shrinks with the image.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_images, check_same_width
from gan_zoo.metrics.labels import as_labels, pairs_by_class, random_pairs

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # Wang et al. 2003, section 3.2
WINDOW, SIGMA = 11, 1.5
LUMINANCE, CONTRAST = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2  # C1 and C2
SMALLEST = 17  # the coarsest of five scales then still has two pixels
BLOCK_VALUES = 2**21  # filtered at once, 16 MB


def ms_ssim(first: Array, second: Array) -> Tensor:
    """Return the similarity of each pair of images, `[N]`, 0..1; 1 for equal images.

    At each of 5 scales means, variances and the covariance are taken in an 11x11 Gaussian window (sigma
    1.5, no padding); where height or width is less than 11, the window is min(H, W) wide and sigma shrinks
    with it. Each scale is averaged over pixels and channels, negative averages count as 0, and the product
    is weighted. The next scale is the mean of 2x2 pixels; at an odd height or width the last row or column
    stands alone.

    Args:
        first: `[N, C, H, W]`, uint8, H and W at least 17.
        second: the same shape; row i is compared with row i of `first`.

    Raises:
        UserError: for images that differ in number or form, or are too small.
    """
    left, right = as_images(first, "first"), as_images(second, "second")
    check_same_width(left, right)
    if len(left) != len(right):
        raise UserError(f"Pairs need as many first as second images, got {len(left)} and {len(right)}.")
    _check_size(left)
    rows = max(1, BLOCK_VALUES // left[0].numel())
    blocks = zip(left.split(rows), right.split(rows), strict=True)
    return torch.cat([_compare(one.double(), other.double()) for one, other in blocks])


def ms_ssim_diversity(
    images: Array, pairs: int, labels: Array | None = None, generator: torch.Generator | None = None
) -> float:
    """Return the mean similarity of random pairs of different images, 0..1.

    Lower means more diverse; the same figure on real images is ideal.

    Args:
        images: `[N, C, H, W]`, uint8.
        pairs: how many; PGGAN takes 10,000. With labels, in each class.
        labels: `[N]`; when given, pairs are from one class, and classes count the same.
        generator: draws the pairs; seed 0 when None.

    Raises:
        UserError: for too few or too small images.
    """
    if labels is not None:
        classes = ms_ssim_by_class(images, labels, pairs, generator)
        return sum(classes.values()) / len(classes)
    given = as_images(images, "images")
    _check_size(given)
    return _mean_of_pairs(given, random_pairs(len(given), pairs, generator))


def ms_ssim_by_class(
    images: Array, labels: Array | None, pairs: int = 100, generator: torch.Generator | None = None
) -> dict[int, float]:
    """Return the mean similarity of random pairs within each class that occurs, ACGAN's measure of diversity.

    Raises:
        UserError: without labels, for a class with a single image, or too small images.
    """
    given = as_images(images, "images")
    _check_size(given)
    chosen = pairs_by_class(as_labels(labels, len(given)), pairs, generator)
    return {label: _mean_of_pairs(given, members) for label, members in chosen.items()}


def share_of_collapsed_classes(fake: dict[int, float], real: dict[int, float]) -> float:
    """Return the share of classes that are less diverse than the least diverse real class; 0 is ideal.

    Args:
        fake: mean similarity of each class, from `ms_ssim_by_class`.
        real: the same of real images, with as many pairs.

    Raises:
        UserError: without classes.

    Example:
        >>> share_of_collapsed_classes({0: 0.2, 1: 0.9}, {0: 0.3, 1: 0.1})
        0.5
    """
    if not fake or not real:
        raise UserError("There are no classes to compare. Give the result of ms_ssim_by_class of both sets.")
    return sum(similarity > max(real.values()) for similarity in fake.values()) / len(fake)


def _mean_of_pairs(images: Tensor, pairs: Tensor) -> float:
    rows = max(1, BLOCK_VALUES // images[0].numel())
    similar = [ms_ssim(images[block[:, 0]], images[block[:, 1]]) for block in pairs.split(rows)]
    return torch.cat(similar).mean().item()


def _compare(first: Tensor, second: Tensor) -> Tensor:
    """Return the similarity of float64 images `[N, C, H, W]`."""
    result = first.new_ones(len(first))
    for scale, weight in enumerate(WEIGHTS):
        luminance, structure = _similarity(first, second)
        part = luminance * structure if scale == len(WEIGHTS) - 1 else structure
        result *= part.mean(dim=(1, 2, 3)).clamp(min=0.0) ** weight
        first, second = _halve(first), _halve(second)
    return result


def _similarity(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Return the luminance term and the term of contrast and structure at each window."""
    # With s = x + y and d = x - y four filtered images do instead of five: E[s^2] - E[d^2] = 4 E[xy] ...
    total, difference = first + second, first - second
    images = torch.stack([total, difference, total.square(), difference.square()])
    height, width = images.shape[-2:]
    size = min(WINDOW, height, width)
    filtered = _window(height, size) @ images @ _window(width, size).T
    squares = filtered[:2].square()
    variances = filtered[2:] - squares
    luminance = _ratio(squares, LUMINANCE)
    return luminance, _ratio(variances, CONTRAST)


def _ratio(terms: Tensor, constant: float) -> Tensor:
    """Return (2 xy + c) / (x^2 + y^2 + c) given (x + y)^2 and (x - y)^2, or their windowed forms."""
    return (terms[0] - terms[1] + 2.0 * constant) / (terms[0] + terms[1] + 2.0 * constant)


def _window(length: int, size: int) -> Tensor:
    """Return the filter as a band matrix `[length - size + 1, length]`; it beats a convolution."""
    offsets = torch.arange(size, dtype=torch.float64) - (size - 1) / 2.0
    weights = (-0.5 * (offsets / (SIGMA * size / WINDOW)) ** 2).exp()
    places = torch.arange(length - size + 1)[:, None] + torch.arange(size)
    return torch.zeros(len(places), length, dtype=torch.float64).scatter_(
        1, places, (weights / weights.sum()).expand(len(places), -1)
    )


def _halve(images: Tensor) -> Tensor:
    odd = (0, images.shape[3] % 2, 0, images.shape[2] % 2)
    if any(odd):
        images = torch.nn.functional.pad(images, odd, mode="replicate")
    return torch.nn.functional.avg_pool2d(images, 2)


def _check_size(images: Tensor) -> None:
    height, width = images.shape[2:]
    if min(height, width) < SMALLEST:
        raise UserError(
            f"MS-SSIM halves images four times and needs at least {SMALLEST} pixels, got {height}x{width}. "
            "Enlarge the images (data.size=32), or measure diversity in pixels with vendi_score."
        )
