"""Exponential moving average of the generator's weights, its half-life counted in images.

Karras et al. 2018, Progressive Growing of GANs, arXiv:1710.10196, appendix A.1 (decay 0.999 at 16 images
per step, a half-life of 11.1 kimg), and Yazici et al. 2019, The Unusual Effectiveness of Averaging in GAN
Training, arXiv:1806.04498: averaged <- beta * averaged + (1 - beta) * current, where
beta = 0.5 ** (images since the last update / half-life). The ramp-up is that of StyleGAN2-ADA (Karras et
al. 2020, arXiv:2006.06676): a half-life of at most ramp_up * images so far.
"""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_zoo.draws import StochasticLayer
from gan_zoo.errors import require_number
from gan_zoo.stabilizers.base import STABILIZERS, Progress, Stabilizer
from gan_zoo.types import GENERATOR, PlayerName


@STABILIZERS.register("ema")
class ExponentialMovingAverage(Stabilizer):
    """Keeps a running average of the generator's weights, which makes the better samples.

    Args:
        half_life_kimg: thousands of images after which a weight's influence has halved, positive.
        ramp_up: bound on the half-life as a share of the images seen in the current level of growth, so that
            the start is forgotten sooner; positive, or None for no bound.

    Attributes:
        generator: the averaged network in eval mode, None before `start`.
        images: image count of the last update.

    Raises:
        ValueError: for a number that is not positive.
    """

    def __init__(self, half_life_kimg: float = 10.0, ramp_up: float | None = 0.05) -> None:
        self.half_life_kimg = require_number("half_life_kimg", half_life_kimg, 0.0, open_low=True)
        self.ramp_up = None if ramp_up is None else require_number("ramp_up", ramp_up, 0.0, open_low=True)
        self.generator: nn.Module | None = None
        self.images = 0
        self._current: nn.Module | None = None
        self._restored: Mapping[str, Any] | None = None
        self._parameters: tuple[list[Tensor], list[Tensor]] = ([], [])  # averaged, current
        self._buffers: tuple[list[Tensor], list[Tensor]] = ([], [])

    def start(self, networks: Mapping[PlayerName, nn.Module]) -> None:
        """Copy the generator."""
        self._current = networks[GENERATOR]
        stochastic = [m for m in self._current.modules() if isinstance(m, StochasticLayer)]
        shared = {id(m.draws): m.draws for m in stochastic}  # the copy must not get random numbers of its own
        self.generator = copy.deepcopy(self._current, shared).eval().requires_grad_(False)
        if self._restored is not None:
            self.generator.load_state_dict(self._restored)
            self._restored = None
        # listed once: walking the modules in every step costs more than the average itself
        self._parameters = list(self.generator.parameters()), list(self._current.parameters())
        self._buffers = list(self.generator.buffers()), list(self._current.buffers())

    def beta(self, progress: Progress) -> float:
        """Return the weight of the old average, in [0, 1]."""
        half_life = self.half_life_kimg * 1000.0
        if self.ramp_up is not None:
            half_life = min(half_life, progress.stage_images * self.ramp_up)
        passed = max(0, progress.images - self.images)
        if passed == 0:
            return 1.0
        return 0.5 ** (passed / half_life) if half_life > 0.0 else 0.0

    @torch.no_grad()
    def after_step(self, player: PlayerName, progress: Progress) -> None:
        """Move the average after a step of the generator; buffers are copied, not averaged.

        After a skipped step the average stays, and the next one counts from here, as if it had been moved.
        """
        if player != GENERATOR or self.generator is None or self._current is None:
            return
        beta = self.beta(progress)
        self.images = progress.images
        if progress.skipped is None:
            torch._foreach_lerp_(*self._parameters, 1.0 - beta)
        else:
            skipped = progress.skipped.to(self._parameters[0][0])
            weight = torch.rsub(skipped, 1.0 - beta, alpha=1.0 - beta)  # (1 - beta) * (1 - skipped)
            torch._foreach_lerp_(*self._parameters, [weight] * len(self._parameters[0]))
        if self._buffers[0]:
            torch._foreach_copy_(*self._buffers)

    def state_dict(self) -> dict[str, Any]:
        """Return the average (copied) and the image count of its last update."""
        weights = self.generator.state_dict() if self.generator is not None else self._restored or {}
        return {"images": self.images, "generator": {name: value.clone() for name, value in weights.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the average and the image count, before or after `start`."""
        self.images = int(state["images"])
        if not state["generator"]:
            return
        if self.generator is None:
            self._restored = state["generator"]
        else:
            self.generator.load_state_dict(state["generator"])
