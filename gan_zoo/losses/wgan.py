"""The earth mover's distance, D kept Lipschitz by clipping.

Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1.
"""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor

from gan_zoo.errors import require_number
from gan_zoo.losses.base import LOSSES, AdversarialLoss


@LOSSES.register("wgan")
class Wasserstein(AdversarialLoss):
    """Wasserstein loss with weight clipping and five critic steps per generator step.

    Args:
        clip_limit: bound of the `weight_clipping` stabilizer on D's weights, above 0; `auto` lets the
            stabilizer choose: 0.01 as in the paper, or relative to He's scale where D has no normalization.

    Raises:
        ValueError: if the limit is neither positive nor `auto`.
    """

    preferences = {"turns": {"critic_steps": 5}}

    def __init__(self, clip_limit: float | Literal["auto"] = "auto") -> None:
        if clip_limit != "auto":
            clip_limit = require_number("clip_limit", clip_limit, 0.0, open_low=True)
        self.clip_limit = clip_limit

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return fake - real, `[B]`."""
        return fake - real

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return -fake, `[B]`."""
        return -fake

    def stabilizers(self) -> dict[str, dict[str, Any]]:
        """Return weight clipping: the difference of means is a distance only for Lipschitz critics."""
        return {"weight_clipping": {"limit": self.clip_limit}}
