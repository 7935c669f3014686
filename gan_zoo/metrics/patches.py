"""Random patches of every level of a Laplacian pyramid, collected batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import Array, as_images
from gan_zoo.metrics.pyramid import laplacian_pyramid

BLOCK_IMAGES = 256  # positions are drawn for so many at once
BLOCK_VALUES = 2**23  # images are turned into pyramids in blocks of 32 MB


class PatchDescriptors:
    """Patches of the images seen so far, by level.

    Where image number i is cut is a pure function of (seed, level, i), so batches do not matter, and two sets
    with the same seed are cut at the same places.

    Args:
        patches_per_image: at each level.
        patch_size: height and width.
        minimum_size: of the coarsest level, in pixels.
        seed: of the positions.
    """

    def __init__(
        self, patches_per_image: int = 128, patch_size: int = 7, minimum_size: int = 16, seed: int = 0
    ) -> None:
        for name, value in (("patches_per_image", patches_per_image), ("patch_size", patch_size)):
            if value < 1:
                raise UserError(f"{name}: expected at least 1, got {value}.")
        if minimum_size < patch_size:
            raise UserError(f"minimum_size: a level of {minimum_size} px has no {patch_size} px patches.")
        self.patches_per_image, self.patch_size, self.minimum_size = (
            patches_per_image,
            patch_size,
            minimum_size,
        )
        self.shape: tuple[int, ...] = ()
        self.count = 0
        self._draws = Draws(seed)
        self._levels: dict[int, list[Tensor]] = {}

    def add(self, images: Array) -> None:
        """Take a batch of images `[B, C, H, W]`, uint8.

        Raises:
            UserError: for images smaller than a patch, or of another form than before.
        """
        given = as_images(images, "images")
        form = tuple(given.shape[1:])
        if min(form[1:]) < self.patch_size:
            raise UserError(f"Patches of {self.patch_size} px need larger images than {form[1]}x{form[2]}.")
        if self.shape not in ((), form):
            raise UserError(
                f"Batches differ in form: images were {list(self.shape)}, now they are {list(form)}."
            )
        self.shape = form
        for block in given.split(max(1, BLOCK_VALUES // given[0].numel())):
            for level in laplacian_pyramid(block.float(), self.minimum_size):
                size = min(level.shape[-2:])
                self._levels.setdefault(size, []).append(self._cut(level, size))
            self.count += len(block)

    def levels(self) -> tuple[int, ...]:
        """Return the sizes of the levels, the smaller of height and width, finest first."""
        return tuple(self._levels)

    def standardized(self, level: int) -> Tensor:
        """Return the patches `[count * patches_per_image, C * patch_size^2]` of a level, float32.

        Each channel has mean 0 and standard deviation 1 over all patches and positions (0 where it is
        constant).
        """
        patches = torch.cat(self._levels[level]).view(-1, self.shape[0], self.patch_size**2)
        values = (
            patches.numel() / self.shape[0]
        )  # of each channel; a patch is summed in float32, patches in float64
        patches -= (patches.sum(2).double().sum(0) / values).float()[:, None]
        lengths = torch.linalg.vector_norm(patches, dim=2).double()  # [M, C]
        deviation = (lengths.square().sum(0) / values).sqrt()
        patches /= torch.where(deviation > 1e-6, deviation, 1.0).float()[:, None]
        return patches.flatten(1)

    def _cut(self, images: Tensor, size: int) -> Tensor:
        """Return patches of float images `[B, C, H, W]`, `[B * patches_per_image, C * patch_size^2]`."""
        height, width = images.shape[-2:]
        top, left = self._corners(len(images), size, height, width)  # [B, patches_per_image]
        window = (self.patch_size, self.patch_size)
        windows = np.lib.stride_tricks.sliding_window_view(images.numpy(), window, axis=(2, 3))
        windows = windows.transpose(0, 2, 3, 1, 4, 5)  # [B, rows, columns, C, patch_size, patch_size]
        patches = windows[np.arange(len(images))[:, None], top.numpy(), left.numpy()]
        return torch.from_numpy(patches.reshape(top.numel(), -1))

    def _corners(self, images: int, size: int, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Return rows and columns of the next images' upper left corners, `[images, patches_per_image]`."""
        first, last = self.count // BLOCK_IMAGES, (self.count + images - 1) // BLOCK_IMAGES
        shape = (BLOCK_IMAGES, self.patches_per_image, 2)
        drawn = [
            torch.rand(shape, generator=self._draws.generator("patches", size, block), dtype=torch.float64)
            for block in range(first, last + 1)
        ]
        begin = self.count - first * BLOCK_IMAGES
        chosen = torch.cat(drawn)[begin : begin + images]
        room = torch.tensor([height, width]) - self.patch_size + 1
        rows, columns = (chosen * room).long().unbind(2)
        return rows, columns
