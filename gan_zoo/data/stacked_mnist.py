"""Stacked MNIST: three random digits as channels, 1000 modes (Metz et al. 2017, arXiv:1611.02163).

The digits of the training split come from MNIST's training split, held-out digits from its test split.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gan_zoo.data.base import DATASETS, Dataset, Samples, fingerprint
from gan_zoo.data.checks import flag, whole
from gan_zoo.data.idx_images import IdxImages
from gan_zoo.draws import Draws
from gan_zoo.types import DataSpec

CLASSES = 1000


@DATASETS.register("stacked_mnist")
@dataclass(frozen=True, kw_only=True)
class StackedMnist(IdxImages):
    """Three random MNIST digits as the channels of one image: 1000 modes.

    Args:
        samples: stacks in the training split; 128,000 is VEEGAN's protocol.
        held_out_samples: stacks in the held-out split; 26,000 is VEEGAN's evaluation.
        seed: of the data set, independent of the run's.
        labels: whether 100 a + 10 b + c is the class of the digits (a, b, c).
    """

    samples: int = 128_000
    held_out_samples: int = 26_000
    seed: int = 123
    labels: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("samples", self.samples)
        whole("held_out_samples", self.held_out_samples)
        whole("seed", self.seed, least=0)
        flag("labels", self.labels)

    def load(self) -> Dataset:
        """Read MNIST and stack, uint8 `[N, 3, size, size]`."""
        train, test = self.read("stacked_mnist", "MNIST")
        stacks = stacked(train, self.samples, self.seed, "train", self.labels)
        held_out = stacked(test, self.held_out_samples, self.seed, "held_out", self.labels)
        names = tuple(f"{index:03d}" for index in range(CLASSES)) if self.labels else ()
        spec = DataSpec("stacked_mnist", (3, self.size, self.size), len(names), names)
        return Dataset(spec, stacks, held_out, fingerprint(stacks))


def stacked(digits: Samples, samples: int, seed: int, split: str, labels: bool) -> Samples:
    """Stack random digits `[n, 1, H, W]` into `[samples, 3, H, W]`."""
    assert digits.labels is not None
    chosen = Draws(seed).integers(len(digits), (samples, 3), f"data/{split}/digits")
    values = digits.values[chosen, 0]  # [samples, 3, H, W]
    classes = digits.labels[chosen] @ torch.tensor([100, 10, 1])
    return Samples(values, classes if labels else None)
