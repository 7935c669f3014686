"""Pixels themselves, or the coordinates of vectors: the extractor without a network.

Euclidean distance between pixels sees noise and position before content, which is why it is meant for images
of up to 32 pixels a side; larger ones are brought to that size first.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor
from gan_zoo.extractors.digests import digest_plain
from gan_zoo.extractors.inputs import ExtractorData
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.extractors.networks import resized


@EXTRACTORS.register("pixels")
class Pixels(Extractor):
    """Pixels in [0, 1], larger images reduced first; vectors as they are.

    Args:
        data: gives the shape; nothing is fitted.
        largest_side: pixels of the longer side above which images are reduced, antialiased.
        device: ignored, it works in float64 on the CPU.
        batch_size: samples at once.
    """

    name = "pixels"
    takes_vectors = True

    def __init__(
        self,
        data: ExtractorData,
        *,
        largest_side: int = 32,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, "cpu", batch_size)
        if isinstance(largest_side, bool) or not isinstance(largest_side, int) or largest_side < 1:
            raise UserError(f"extractor.largest_side={largest_side!r}: a whole number of pixels is needed.")
        self.size = reduced(self.shape[1:], largest_side) if len(self.shape) == 3 else ()
        self.dimensions = self.shape[0] * math.prod(self.size)
        form = ((*self.shape[:1], *self.size) if self.shape[0] != 1 else self.size) or self.shape
        self._facts = {"resize": self._resize_rule(), "value_range": self._value_range()}
        digest = digest_plain({"kind": "pixels", "form": list(form), **self._facts})
        self.id = extractor_id("pixels", data.name, "x".join(map(str, form)), self.dimensions, digest)

    def protocol(self) -> dict[str, Any]:
        """Return how pixels become numbers."""
        return {**super().protocol(), **self._facts, "sha256": None}

    def _look(self, batch: Tensor) -> tuple[Tensor, None]:
        if not self.size:
            return batch.double(), None
        return resized(batch.double(), self.size).flatten(1).div(255.0), None

    def _resize_rule(self) -> str:
        if not self.size or self.size == self.shape[1:]:
            return "none"
        return f"bilinear, antialiased, to {self.size[0]}x{self.size[1]}"

    def _value_range(self) -> str:
        return "0..255 to 0..1" if self.size else "data units"


def reduced(size: tuple[int, ...], largest_side: int) -> tuple[int, int]:
    """Return height and width with a longer side of at most `largest_side`, in nearly the same proportion.

    Example:
        >>> reduced((64, 48), 32)
        (32, 24)
    """
    factor = min(1.0, largest_side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
