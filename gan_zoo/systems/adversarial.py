"""One generator against one discriminator, with or without labels: most of the zoo."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_zoo.systems.base import System, Turn, full_precision, quantity
from gan_zoo.types import CriticOutput


class Adversarial(System):
    """Quantities of G against D.

    The leaves of a turn are `samples` (reals at full resolution), `labels`, `latent_parts` (one tensor of
    latents, or two where a term asks for pairs) and `fake_label_rows`.
    """

    players = ("discriminator", "generator")

    @quantity
    def real(self, turn: Turn) -> Tensor:
        """Reals at the active resolution, faded like the fakes, `[m*B, C, H, W]` or `[m*B, D]`."""
        samples = at_stage(turn["samples"], turn)
        return samples.detach().requires_grad_("real" in turn.differentiates)

    @quantity
    def latents(self, turn: Turn) -> Tensor:
        """Latents `[N, Z]`; with pairs the second half are the partners of the first."""
        parts = turn["latent_parts"]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    @quantity
    def fake_labels(self, turn: Turn) -> Tensor | None:
        """Labels `[N]` that the fakes are made for; partners share theirs."""
        rows, parts = turn["fake_label_rows"], turn["latent_parts"]
        return rows if rows is None or len(parts) == 1 else torch.cat([rows] * len(parts))

    @quantity
    def fake(self, turn: Turn) -> Tensor:
        """Fakes `[N, C, H, W]` or `[N, D]` in float32."""
        fake = full_precision(turn.generate(turn["latents"], turn["fake_labels"]))
        if "fake" in turn.differentiates and not fake.requires_grad:
            fake = fake.detach().requires_grad_()
        return fake

    @quantity
    def real_output(self, turn: Turn) -> CriticOutput:
        """D's output on reals."""
        return turn.judge(turn["real"], turn["labels"], "real")

    @quantity
    def fake_output(self, turn: Turn) -> CriticOutput:
        """D's output on fakes."""
        return turn.judge(turn["fake"], turn["fake_labels"], "fake")

    @quantity
    def real_score(self, turn: Turn) -> Tensor:
        """D's score on reals `[B]`, repeated where there are more fakes than reals."""
        score = full_precision(turn["real_output"].score)
        times = sum(len(part) for part in turn["latent_parts"]) // len(turn["samples"])
        return score.repeat(times) if times > 1 else score

    @quantity
    def fake_score(self, turn: Turn) -> Tensor:
        """D's score on fakes `[N/m]`."""
        return full_precision(turn["fake_output"].score)

    @quantity
    def differentiable_real(self, turn: Turn) -> tuple[Tensor, Tensor]:
        """Reals that require grad, and D's score `[B]` at them, eager and in float32."""
        real = turn["real"]
        if turn.mixed_precision:
            return real, turn.judge(real, turn["labels"], "real", eager=True).score
        return real, turn["real_output"].score

    @quantity
    def differentiable_fake(self, turn: Turn) -> tuple[Tensor, Tensor]:
        """Fakes that require grad, and D's score `[N/m]` at them, eager and in float32."""
        fake = turn["fake"]
        if turn.mixed_precision:
            return fake, turn.judge(fake, turn["fake_labels"], "fake", eager=True).score
        return fake, turn["fake_score"]


def at_stage(samples: Tensor, turn: Turn) -> Tensor:
    """Bring full-size reals to the stage of growth: box-filtered to its resolution, and faded.

    While a level fades in, reals are `lerp(up2(avgpool2(x)), x, fade)` (Karras et al. 2018, arXiv:1710.10196,
    appendix; `fade` is the weight of the new path), so that D cannot tell reals by their detail.
    """
    stage = turn.stage
    if stage is None:
        return samples
    factor = samples.shape[-1] // turn.levels[stage.level]
    if factor > 1:
        samples = F.avg_pool2d(samples, factor)
    if stage.level > 0 and stage.fade < 1.0:
        coarse = F.interpolate(F.avg_pool2d(samples, 2), scale_factor=2.0, mode="nearest")
        samples = torch.lerp(coarse, samples, stage.fade)
    return samples
