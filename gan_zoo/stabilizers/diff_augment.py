"""Differentiable augmentation of all that the discriminator sees, reals and fakes, in both players' turns.

Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, arXiv:2006.10738, section
3.2: color (brightness +-1/2, saturation 0 to 2, contrast 1/2 to 3/2), translation by up to 1/8 of the size
filled with zeros, cutout of a square of half the size, each drawn anew per sample. Pixels are in [-1, 1].
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError, did_you_mean, require_number
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer
from gan_zoo.types import DataSpec


def _column(numbers: Tensor, like: Tensor) -> Tensor:
    return numbers.to(like.dtype).view(-1, 1, 1, 1)  # [B, 1, 1, 1]


def color(x: Tensor, draw: Tensor, strength: float) -> Tensor:
    """Change brightness, saturation, contrast of images `[B, C, H, W]`; `draw` `[B, 3]` is uniform in [0, 1).

    At strength s: add s * U(-1/2, 1/2); scale colors about each pixel's mean by 1 + s * U(-1, 1), which
    changes nothing in grey images; scale pixels about each image's mean by 1 + s * U(-1/2, 1/2).
    """
    x = x + _column(strength * (draw[:, 0] - 0.5), x)
    if x.shape[1] > 1:
        mean = x.mean(1, keepdim=True)
        x = mean + (x - mean) * _column(1.0 + strength * (2.0 * draw[:, 1] - 1.0), x)
    mean = x.mean((1, 2, 3), keepdim=True)
    return mean + (x - mean) * _column(1.0 + strength * (draw[:, 2] - 0.5), x)


def translation(x: Tensor, draw: Tensor, share: float) -> Tensor:
    """Shift images `[B, C, H, W]` by whole pixels, up to `share` of each side, drawn from `draw` `[B, 2]`.

    Pixels come from a clamped index times a mask, not from a padded copy: where an index repeats, all but
    one of the gradients are zero, so the sum does not depend on the order of additions.
    """
    height, width = x.shape[2:]
    rows, inside_rows = _shifted(height, draw[:, 0], share)
    columns, inside_columns = _shifted(width, draw[:, 1], share)
    index = rows[:, :, None] * width + columns[:, None, :]  # [B, H, W]
    inside = inside_rows[:, :, None] & inside_columns[:, None, :]
    index = index.flatten(1)[:, None].expand(-1, x.shape[1], -1)  # [B, C, H * W]
    moved = x.flatten(2).gather(2, index).view(x.shape) * inside[:, None].to(x.dtype)
    channels_last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return moved.contiguous(memory_format=torch.channels_last) if channels_last else moved


def _shifted(size: int, draw: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Return where each position's pixel comes from, and whether that is inside: both `[B, size]`."""
    most = int(size * share + 0.5)
    shift = (draw * (2 * most + 1)).floor().long() - most  # [B], uniform in -most .. most
    source = torch.arange(size, device=draw.device) - shift[:, None]
    return source.clamp(0, size - 1), (source >= 0) & (source < size)


def cutout(x: Tensor, draw: Tensor, share: float) -> Tensor:
    """Set a rectangle of `share` of each side to zero in images `[B, C, H, W]`, drawn from `draw` `[B, 2]`.

    Its center is anywhere in the image, so part of it may lie outside.
    """
    rows = _covered(x.shape[2], draw[:, 0], share)
    columns = _covered(x.shape[3], draw[:, 1], share)
    hidden = rows[:, :, None] & columns[:, None, :]  # [B, H, W]
    return x * (~hidden[:, None]).to(x.dtype)


def _covered(size: int, draw: Tensor, share: float) -> Tensor:
    """Return which positions the cut covers, `[B, size]`."""
    length = int(size * share + 0.5)
    places = size + 1 - length % 2  # as many on either side of the middle
    first = (draw * places).floor().long() - length // 2  # [B]
    position = torch.arange(size, device=draw.device) - first[:, None]
    return (position >= 0) & (position < length)


Transform = Callable[[Tensor, Tensor, float], Tensor]  # (images, numbers drawn, strength) -> images
TRANSFORMS: dict[str, tuple[Transform, int]] = {  # and how many numbers are drawn per sample
    "color": (color, 3),
    "translation": (translation, 2),
    "cutout": (cutout, 2),
}


@STABILIZERS.register("diff_augment")
class DiffAugment(Stabilizer):
    """Augments all that the discriminator sees, differentiably, so that little data lasts longer.

    Args:
        policy: which of `color`, `translation`, `cutout`; applied in this order.
        color: strength, at least 0; 1 is the paper's.
        translation: largest shift as a share of each side, in [0, 1].
        cutout: side of the square as a share of the image's, in [0, 1].

    Raises:
        ValueError: for an empty policy, an unknown or doubled entry or a number out of its range.
    """

    order: ClassVar[int] = 10

    def __init__(
        self,
        policy: Sequence[str] = ("color", "translation", "cutout"),
        color: float = 1.0,
        translation: float = 0.125,
        cutout: float = 0.5,
    ) -> None:
        if isinstance(policy, str) or not policy or len(set(policy)) < len(policy):
            raise ValueError(f"policy: a list of different entries, such as [color, cutout]; got {policy!r}.")
        for entry in policy:
            if entry not in TRANSFORMS:
                raise ValueError(f"policy: unknown entry '{entry}'. {did_you_mean(str(entry), TRANSFORMS)}")
        strengths = {
            "color": require_number("color", color, 0.0),
            "translation": require_number("translation", translation, 0.0, 1.0),
            "cutout": require_number("cutout", cutout, 0.0, 1.0),
        }
        self.strengths = {name: strengths[name] for name in TRANSFORMS if name in policy}

    def check(self, spec: DataSpec) -> None:
        """Refuse vectors."""
        if not spec.is_image:
            raise UserError(
                f"diff_augment works on images, and data={spec.name} has vectors of shape {spec.shape}. "
                "Use stabilizer=[instance_noise] there, or image data such as data=digits."
            )

    def changes_view(self) -> bool:
        """Say whether any strength is above zero."""
        return any(strength > 0.0 for strength in self.strengths.values())

    def view(self, samples: Tensor, draws: Draws, kimg: float) -> Tensor:
        """Return `[B, C, H, W]` augmented, each sample by its own numbers."""
        for name, strength in self.strengths.items():
            transform, numbers = TRANSFORMS[name]
            if strength > 0.0:
                shape = (len(samples), numbers)
                draw = draws.uniform(shape, f"diff_augment/{name}", *draws.position, device=samples.device)
                samples = transform(samples, draw, strength)
        return samples
