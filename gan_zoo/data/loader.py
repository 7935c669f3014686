"""The training loader: whole batches from a tensor that lies on the training device, resumable at any image.

Whole-batch indexing of a uint8 tensor needs no workers. Nothing is drawn from a generator's history: a batch
is a function of (seed, image count), so a continued run sees what the uninterrupted one would have seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from gan_zoo.data.base import Samples
from gan_zoo.data.plan import Plan
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec

LOADER_KEYS = ("flip",)  # keys of conf/data/*.yaml that are arguments of the loader, not of the source

Batch = dict[str, Tensor | None]


class Loader:
    """Batches of reals, for Lightning's training loop or any other.

    Yields `samples`, float32 `[m*B, ...]` on `device` (images in [-1, 1], vectors divided by `spec.scale`;
    rows i*m to i*m + m-1 are pack i) and `labels`, int64 `[m*B]` or None. The loader has a length, so
    Lightning does not fetch ahead, and a state, so Lightning's checkpoints carry its position.

    `images` counts the reals consumed over all processes: a batch counts when the next one is asked for, or
    before that when the game says so by setting `images`.

    Args:
        samples: what to serve.
        spec: of the data set.
        batch_size: packs per batch of this process, B, as a function of the image count.
        total_images: where to stop; the batch that reaches this count is the last one.
        seed: the run's seed.
        packs: members of a pack, m.
        flip: mirror each image with probability 1/2, drawn anew in every epoch.
        device: where batches are wanted; samples in memory are moved there once.
        share_labels: members of a pack are of one class.
        rank: this process; it takes packs `rank::world` of the global batch of `B * world` packs.
        world: number of processes.

    Raises:
        UserError: for an empty data set, flipped vectors, or shared labels without labels.
    """

    def __init__(
        self, samples: Samples, spec: DataSpec, batch_size: Callable[[int], int], *, total_images: int,
        seed: int, packs: int = 1, flip: bool = False, device: torch.device | str = "cpu",
        share_labels: bool = False, rank: int = 0, world: int = 1,
    ) -> None:  # fmt: skip
        _check(samples, spec, packs, flip, share_labels)
        self.spec, self.batch_size, self.total_images = spec, batch_size, total_images
        self.packs, self.flip, self.rank, self.world = packs, flip, rank, world
        self.device = torch.device(device)
        self.images = 0
        self.file = samples.file
        home = torch.device("cpu") if samples.mapped else self.device
        self.values = samples.values.to(home)
        self.labels = None if samples.labels is None else samples.labels.to(home)
        classes = samples.labels.cpu() if share_labels and samples.labels is not None else None
        self.plan = Plan(len(samples), seed, packs, classes, flip, home)

    def __iter__(self) -> Iterator[Batch]:
        while self.images < self.total_images:
            following = self.images + self._step(self.images)
            yield self.batch(self.images)
            self.images = max(self.images, following)

    def __len__(self) -> int:
        return self._length

    @cached_property
    def _length(self) -> int:
        images = batches = 0
        while images < self.total_images:
            images, batches = images + self._step(images), batches + 1
        return batches

    def _step(self, images: int) -> int:
        """Return how many images, over all processes, the batch at this image count has."""
        size = self.batch_size(images)
        if size < 1:
            raise UserError(f"batch_size must be at least 1, got {size} after {images} images.")
        return size * self.packs * self.world

    def batch(self, images: int) -> Batch:
        """Return this process' batch at an image count; the same count gives the same batch.

        Raises:
            UserError: for a count within a pack, or a memory-mapped file that has changed.
        """
        first, rest = divmod(images, self.packs)
        if rest:
            raise UserError(
                f"{images} images are not whole packs of {self.packs}: was packing changed on resuming?"
            )
        if self.file is not None:
            self.file.check()
        packs = self._step(images) // self.packs
        indices, mirrored = self.plan.rows(first, packs, self.rank, self.world)
        values = self._to_device(self.values.index_select(0, indices))  # [m*B, ...]
        labels = None if self.labels is None else self._to_device(self.labels.index_select(0, indices))
        if not self.spec.is_image:
            return {"samples": values / self.spec.scale, "labels": labels}
        if self.flip:
            values = _mirror(values, self._to_device(mirrored))
        return {"samples": values.to(torch.float32).div_(127.5).sub_(1.0), "labels": labels}

    def _to_device(self, tensor: Tensor) -> Tensor:
        if tensor.device == self.device:
            return tensor
        pinned = tensor.pin_memory() if self.device.type == "cuda" else tensor
        return pinned.to(self.device, non_blocking=True)

    def state_dict(self) -> dict[str, Any]:
        """Return the position: images consumed."""
        return {"images": self.images}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue at the position that `state_dict` returned."""
        self.images = int(state["images"])


def _mirror(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the chosen images of `[B, C, H, W]`, uint8; `chosen` is `[B]`, bool.

    On bytes, exchanging bits under a mask of 0 or 255 is several times faster than `torch.where`.
    """
    mask = chosen.to(torch.uint8)[:, None, None, None] * 255
    return images ^ ((images ^ images.flip(-1)) & mask)


def _check(samples: Samples, spec: DataSpec, packs: int, flip: bool, share_labels: bool) -> None:
    if not len(samples):
        raise UserError(f"data={spec.name} has no training images; lower data.held_out or add images.")
    if packs < 1:
        raise UserError(f"A pack has at least 1 member, got {packs}.")
    if flip and not spec.is_image:
        raise UserError(
            f"data.flip=true mirrors images, but data={spec.name} has vectors. Type data.flip=false."
        )
    if share_labels and samples.labels is None:
        raise UserError(f"The members of a pack cannot share a label: data={spec.name} has none.")
