"""Packing: the discriminator judges m independent samples together.

Lin et al. 2018, PacGAN: The power of two samples in generative adversarial networks, arXiv:1712.04086,
section 2: D(x_1 ... x_m) on samples joined along the channels. Mode collapse then shows as a lack of variety
inside a pack.
"""

from typing import ClassVar

from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer, require_whole


@STABILIZERS.register("packing")
class Packing(Stabilizer):
    """Lets the discriminator judge several independent samples together, so that lack of variety shows.

    Args:
        packs: samples per pack m, at least 1; 1 is no packing.

    Raises:
        ValueError: if it is below 1.
    """

    order: ClassVar[int] = 30

    def __init__(self, packs: int = 2) -> None:
        self.packs = require_whole("packs", packs, 1)

    def changes_view(self) -> bool:
        """Say whether a pack has more than one sample."""
        return self.packs > 1

    def view(self, samples: Tensor, draws: Draws, kimg: float) -> Tensor:
        """Join `[m*B, C, H, W]` to `[B, m*C, H, W]`, or `[m*B, D]` to `[B, m*D]`; rows i*m.. are pack i.

        Raises:
            UserError: if the number of rows is not a multiple of m.
        """
        if len(samples) % self.packs:
            raise UserError(
                f"packing: {len(samples)} samples cannot be cut into packs of packs={self.packs}; "
                f"give a multiple of {self.packs}."
            )
        return samples.unflatten(0, (-1, self.packs)).flatten(1, 2)
