"""How a classifier is trained: one recipe for all data sets, a function of the data and a seed alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from gan_zoo.draws import Draws
from gan_zoo.extractors.base import scaled
from gan_zoo.extractors.classifier_network import ClassifierNetwork, initialize, untrained
from gan_zoo.extractors.inputs import spread
from gan_zoo.extractors.networks import in_full_precision, on_one_thread

TESTED = 20_000  # held-out images that the accuracy is measured on


@dataclass(frozen=True)
class TrainingRecipe:
    """All that decides the weights besides the data: part of the cache's key.

    Attributes:
        seed: of weights, order and shifts.
        epochs: passes over the training split; None: about 200,000 images, at most 20 passes.
        images: what a classifier sees when `epochs` does not say otherwise.
        most_epochs: passes over a small data set.
        least_steps: updates of a tiny one.
        batch: images per update.
        learning_rate: the largest one of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
        weight_decay: of AdamW.
        warmup: share of the steps in which the learning rate rises; it falls to 0 in the others.
        shift: images are shifted by up to this share of their sides, repeating their edges.
        widths: channels of the convolutions.
        hidden: width of the hidden layer, the features.
        version: raised whenever the same numbers would give other weights.
    """

    seed: int = 0
    epochs: float | None = None
    images: int = 200_000
    most_epochs: int = 20
    least_steps: int = 250
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    warmup: float = 0.1
    shift: float = 1 / 14
    widths: tuple[int, ...] = (24, 48, 96)
    hidden: int = 128
    version: int = 1

    def steps(self, count: int) -> int:
        """Return the number of updates on `count` training images."""
        if self.epochs is not None:
            return max(1, round(self.epochs * count / self.batch))
        return max(self.least_steps, min(self.images, self.most_epochs * count) // self.batch)

    def plain(self) -> dict[str, Any]:
        """Return the recipe as plain data."""
        return {**asdict(self), "widths": list(self.widths)}


def train_classifier(
    images: Tensor,
    labels: Tensor,
    classes: int,
    recipe: TrainingRecipe,
    device: torch.device,
    title: str,
    progress: bool = True,
) -> ClassifierNetwork:
    """Train a classifier; the same arguments on the same machine give the same weights, bit by bit.

    For that it takes one thread, however many there are.

    Args:
        images: uint8 `[N, C, H, W]`.
        labels: int64 `[N]` in 0..classes-1.
        classes: number of classes.
        recipe: how.
        device: where.
        title: what the progress bar says.
        progress: whether there is one, on a terminal.
    """
    draws, steps = Draws(recipe.seed), recipe.steps(len(images))
    with torch.inference_mode(False), torch.enable_grad(), in_full_precision(device), on_one_thread():
        network = untrained(tuple(images.shape[1:]), classes, recipe.widths, recipe.hidden)
        network = initialize(network, draws).to(device).train()
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        hidden = None if progress else True  # None: only where there is no terminal
        with tqdm(total=steps * recipe.batch, desc=title, unit="img", leave=False, disable=hidden) as bar:
            for step, rows in enumerate(batches(len(images), recipe.batch, steps, draws)):
                for group in optimizer.param_groups:
                    group["lr"] = recipe.learning_rate * pace((step + 1) / (steps + 1), recipe.warmup)
                batch = shifted(images[rows].cpu(), recipe.shift, draws, step).to(device)
                _, logits = network(scaled(batch))
                optimizer.zero_grad(set_to_none=True)
                cross_entropy(logits, labels[rows].to(device)).backward()
                optimizer.step()
                bar.update(recipe.batch)
    return network.eval()


def pace(progress: float, warmup: float) -> float:
    """Return the learning rate as a share of its largest: up in a line, then down to 0 in a line.

    Example:
        >>> [pace(share, 0.2) for share in (0.1, 0.2, 0.6)]
        [0.5, 1.0, 0.5]
    """
    return progress / warmup if progress < warmup else (1.0 - progress) / (1.0 - warmup)


def batches(count: int, size: int, steps: int, draws: Draws) -> Iterator[Tensor]:
    """Yield the rows of each batch `[size]`: one shuffled pass after the other, cut into batches."""
    waiting, epoch = torch.empty(0, dtype=torch.int64), 0
    for _ in range(steps):
        while len(waiting) < size:
            order = torch.randperm(count, generator=draws.generator("order", epoch))
            waiting, epoch = torch.cat([waiting, order]), epoch + 1
        yield waiting[:size]
        waiting = waiting[size:]


def shifted(images: Tensor, share: float, draws: Draws, step: int) -> Tensor:
    """Shift each image by whole pixels, at most `share` of its sides (and 1 pixel), repeating its edges."""
    moved = images
    for axis in (2, 3):
        side = images.shape[axis]
        reach = max(1, math.floor(share * side))
        shift = draws.integers(2 * reach + 1, (len(images), 1), f"shift/{axis}", step) - reach
        source = (torch.arange(side) + shift).clamp(0, side - 1)  # [B, side]
        index = source.view(len(images), 1, *([-1, 1] if axis == 2 else [1, -1]))
        moved = moved.gather(axis, index.expand(images.shape))
    return moved


def accuracy(network: ClassifierNetwork, images: Tensor, labels: Tensor, device: torch.device) -> float:
    """Return the share of images whose most likely class is the right one, in [0, 1]."""
    right = 0
    with torch.no_grad(), in_full_precision(device):
        for rows in spread(len(images), TESTED).split(500):
            _, logits = network(scaled(images[rows].to(device)))
            right += int((logits.argmax(1).cpu() == labels[rows]).sum())
    return right / min(len(images), TESTED)
