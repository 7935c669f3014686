"""Instance noise: Gaussian noise on everything that the discriminator sees.

Sonderby et al. 2017, Amortised MAP Inference for Image Super-resolution, arXiv:1610.04490, and Arjovsky &
Bottou 2017, Towards Principled Methods for Training GANs, arXiv:1701.04862, section 3: x + std * N(0, 1),
for reals and fakes alike, so that the two distributions overlap. It is usually annealed to zero.
"""

from typing import ClassVar

from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.schedule import as_schedule
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer


@STABILIZERS.register("instance_noise")
class InstanceNoise(Stabilizer):
    """Adds Gaussian noise to all that the discriminator sees, so that reals and fakes overlap.

    Args:
        std: standard deviation in the networks' units (pixels are in [-1, 1]), at least 0: a number, or a
            schedule over kimg `{kind, start, end, start_kimg, end_kimg}`.

    Raises:
        ValueError: if it is negative somewhere.
    """

    order: ClassVar[int] = 20

    def __init__(self, std: object = 0.1) -> None:
        self.std = as_schedule(std)  # type: ignore[arg-type]  # it refuses what it cannot read
        if self.std.start < 0.0 or self.std.end < 0.0:
            raise ValueError(f"std: at least 0; got {std}.")

    def changes_view(self) -> bool:
        """Say whether there is noise at any time."""
        return self.std.start > 0.0 or self.std.end > 0.0

    def view(self, samples: Tensor, draws: Draws, kimg: float) -> Tensor:
        """Return `samples + std(kimg) * N(0, 1)`, of any shape `[B, ...]`."""
        std = self.std(kimg)
        if std == 0.0:
            return samples
        noise = draws.normal(tuple(samples.shape), "instance_noise", *draws.position, device=samples.device)
        return samples + std * noise.to(samples.dtype)
