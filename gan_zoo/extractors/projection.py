"""A fixed random projection of pixels or vectors: few numbers that keep distances.

Johnson and Lindenstrauss 1984. Samples are projected to k random orthogonal directions and scaled by
sqrt(D / k), so that squared distances are kept on average. With k = D it is a rotation, and they are exact.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor
from gan_zoo.extractors.digests import digest_plain, digest_tensors
from gan_zoo.extractors.inputs import ExtractorData
from gan_zoo.extractors.labels import extractor_id

LARGEST = 2**28  # elements of the matrix; 64 directions of 1024x1024 color images are 2**27.6


@EXTRACTORS.register("projection")
class Projection(Extractor):
    """A fixed random projection of pixels in [0, 1], or of vectors.

    Args:
        data: gives the shape; nothing is fitted.
        dimensions: k, numbers per sample; at most as many as a sample has.
        seed: of the directions.
        device: ignored, it works in float64 on the CPU.
        batch_size: samples at once.
    """

    name = "projection"
    takes_vectors = True

    def __init__(
        self,
        data: ExtractorData,
        *,
        dimensions: int = 64,
        seed: int = 0,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, "cpu", batch_size)
        if isinstance(dimensions, bool) or not isinstance(dimensions, int) or dimensions < 1:
            raise UserError(f"extractor.dimensions={dimensions!r}: a whole number of at least 1 is needed.")
        self.seed, numbers = seed, math.prod(self.shape)
        self.dimensions = min(dimensions, numbers)
        if self.dimensions * numbers > LARGEST:
            raise UserError(
                f"{self.dimensions} directions of {numbers} numbers do not fit the memory. Type "
                f"extractor.dimensions={max(1, LARGEST // numbers)}, or smaller images."
            )
        drawn = torch.randn(
            numbers, self.dimensions, generator=Draws(seed).generator("projection"), dtype=torch.float64
        )
        self.directions = orthogonal(drawn) * math.sqrt(numbers / self.dimensions)  # [D, k]
        # The hash is of what was drawn: orthogonalization may differ in its last bits between machines.
        self.digest = digest_plain({"kind": "projection", "drawn": digest_tensors({"drawn": drawn})})
        self.id = extractor_id("projection", f"s{seed}", "ortho", self.dimensions, self.digest)

    def protocol(self) -> dict[str, Any]:
        """Return how pixels become numbers."""
        value_range = "0..255 to 0..1" if len(self.shape) == 3 else "data units"
        return {**super().protocol(), "value_range": value_range, "seed": self.seed, "sha256": self.digest}

    def _look(self, batch: Tensor) -> tuple[Tensor, None]:
        numbers = batch.double().flatten(1)  # [B, D]
        return (numbers / 255.0 if len(self.shape) == 3 else numbers) @ self.directions, None


def orthogonal(drawn: Tensor) -> Tensor:
    """Return orthonormal columns that span those of `drawn`, `[D, k]`; their signs make them unique."""
    columns, triangle = torch.linalg.qr(drawn)
    return columns * triangle.diagonal().sign()
