"""What a feature extractor is: images in, one vector per image out, always the same one.

Extractors keep their network in eval mode and without gradients, draw nothing while they look, and return
float64 on the CPU. Samples go through the network in batches of one fixed size (the last one is filled up),
because the same row may differ in its last bits between a batch of 10 and one of 100.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from tqdm import tqdm

from gan_zoo.errors import UserError
from gan_zoo.extractors.inputs import Array, ExtractorData, as_tensor, check_samples
from gan_zoo.extractors.labels import metric_name as metric_name
from gan_zoo.extractors.networks import as_device, in_full_precision
from gan_zoo.registry import Registry

BATCH = 128


@dataclass(frozen=True)
class Extracted:
    """What one pass gives: features `[N, D]`, and class probabilities `[N, K]` where there are any."""

    features: Tensor
    probabilities: Tensor | None


class Extractor:
    """Turns images into vectors, float64 on the CPU; subclasses set the attributes and write `_look`.

    Args:
        data: what it is built for and may be fitted to.
        device: where its network runs.
        batch_size: samples that go through it at once.

    Attributes:
        name: registry key.
        takes_vectors: whether it also takes vectors `[N, D]`.
        id: kind, what it was made from, layer, width and hash; part of the name of every number.
        dimensions: numbers per sample.
        canonical: whether its weights are those that `FID`, `KID` and `IS` are defined by.
        has_probabilities: whether it gives class probabilities.
        classes: how many there are, 0 without.
        knows_data_classes: whether they are those of the data that it was built for.
        note: how it came about (trained now, or found in the cache), for people.
    """

    name: ClassVar[str] = ""
    takes_vectors: ClassVar[bool] = False
    id: str = ""
    dimensions: int = 0
    canonical: bool = False
    has_probabilities: bool = False
    knows_data_classes: bool = False
    classes: int = 0
    note: str = ""

    def __init__(
        self, data: ExtractorData, device: str | torch.device = "cpu", batch_size: int = BATCH
    ) -> None:
        if not data.is_image and not self.takes_vectors:
            raise UserError(
                f"extractor={self.name} looks at images, and these data are vectors [N, {data.shape[0]}]. "
                "Type extractor=pixels (the coordinates themselves) or extractor=projection."
            )
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise UserError(f"extractor.batch_size={batch_size!r}: a whole number of at least 1 is needed.")
        self.shape, self.batch_size, self.device = data.shape, batch_size, as_device(device)

    def features(self, images: Array) -> Tensor:
        """Return one vector per sample, float64 `[N, D]` on the CPU.

        Args:
            images: uint8 `[N, C, H, W]` in 0..255 of the size that it was built for; where it takes vectors,
                floating point `[N, D]`.

        Raises:
            UserError: for samples of another form or type.
        """
        return self.extract(images).features

    def probabilities(self, images: Array) -> Tensor:
        """Return the probability of each class, float64 `[N, K]` on the CPU.

        Raises:
            UserError: if it knows no classes, and for samples of another form or type.
        """
        found = self.extract(images).probabilities
        if found is None:
            raise UserError(
                f"extractor={self.name} knows no classes. Type extractor=classifier, for data with labels."
            )
        return found

    def extract(self, images: Array, show_progress: bool = False) -> Extracted:
        """Return features and probabilities from one pass.

        Args:
            images: as `features` takes them.
            show_progress: whether to draw a bar, on a terminal.

        Raises:
            UserError: for samples of another form or type.
        """
        samples = check_samples(as_tensor(images), self.shape, self.name)
        features, logits = [], []
        hidden = None if show_progress else True  # None: only where there is no terminal
        bar = tqdm(total=len(samples), desc="Extracting features", unit="img", leave=False, disable=hidden)
        with bar, torch.no_grad(), in_full_precision(self.device):
            for batch, rows in self._batches(samples):
                seen, scores = self._look(batch)
                features.append(seen[:rows].cpu().double())
                if scores is not None:
                    logits.append(scores[:rows].cpu().double())
                bar.update(rows)
        if not features:
            empty = samples.new_zeros((0, self.dimensions), device="cpu", dtype=torch.float64)
            return Extracted(empty, empty.new_zeros((0, self.classes)) if self.has_probabilities else None)
        return Extracted(torch.cat(features), self._shares(torch.cat(logits)) if logits else None)

    def protocol(self) -> dict[str, Any]:
        """Return what must be equal before two numbers may be compared, as plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "canonical": self.canonical,
            "shape": list(self.shape),
            "dimensions": self.dimensions,
            "classes": self.classes,
            "resize": "none",
            "value_range": "0..255 to -1..1",
            "batch_size": self.batch_size,
        }

    def train(self, mode: bool = True) -> Extractor:
        """Stay as it is: an extractor has no train mode."""
        return self

    def _look(self, batch: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return features `[B, D]` and class logits `[B, K]` (or None) of a batch on the device."""
        raise NotImplementedError

    def _shares(self, logits: Tensor) -> Tensor:
        return torch.softmax(logits, dim=-1)

    def _batches(self, samples: Tensor) -> Iterator[tuple[Tensor, int]]:
        """Yield batches on the device, all of one size, and how many of their rows are samples."""
        for rows in samples.split(self.batch_size) if len(samples) else ():
            missing = self.batch_size - len(rows)
            filled = torch.cat([rows, rows[:1].expand(missing, *rows.shape[1:])]) if missing else rows
            yield filled.to(self.device), len(rows)


def scaled(images: Tensor) -> Tensor:
    """Return uint8 images as float32 in [-1, 1]."""
    return images.float().div_(127.5).sub_(1.0)


EXTRACTORS: Registry[Extractor] = Registry("extractor")
