"""Bounds on a player's gradient, before its optimizer sees it: the same in real steps and in look-ahead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gan_zoo.errors import UserError, require_number

NORM_SLACK = 1e-6  # torch's, so that look-ahead and real steps agree
SQUARES = ("exp_avg_sq", "square_avg")  # second moments of Adam and of RMSprop
WITH_RATIO = ("adam", "rmsprop")  # optimizers that keep them


@dataclass(frozen=True)
class Clipping:
    """Bounds on the global L2 norm of a gradient; longer ones are scaled down to it.

    `ratio` answers the spikes of adaptive optimizers. After a quiet phase Adam's second moment is small, so
    one long gradient moves every weight by up to `lr / sqrt(1 - beta2)`, 31 times the rate at .999: enough
    to undo all that a GAN has learned. The bound follows the gradient's own past, as in ZClip (Kumar et al.
    2025, arXiv:2504.02507) and, layer by layer, in AdaGC (Wang et al. 2025, arXiv:2502.11034). Theirs keep
    a running mean of norms; ours takes the root of the sum of the optimizer's second moments, without their
    bias towards 0, for all layers at once. As in both, and unlike in the update clipping of Adafactor
    (Shazeer and Stern 2018, arXiv:1804.04235), what is cut off does not reach the moments either.

    Attributes:
        norm: largest norm, or None (Pascanu et al. 2013, arXiv:1211.5063).
        ratio: largest norm in units of the usual one, above 1, or None. A first step has nothing to be
            compared with and stays as it is, as does one after nothing but zeros.

    Raises:
        UserError: for a norm that is not positive, or a ratio of at most 1, under which moments would shrink
            until nothing moves.
    """

    norm: float | None = None
    ratio: float | None = None

    def __post_init__(self) -> None:
        try:
            if self.norm is not None:
                require_number("clip_norm", self.norm, 0.0, open_low=True)
            if self.ratio is not None:
                require_number("clip_ratio", self.ratio, 1.0, open_low=True)
        except ValueError as error:
            raise UserError(f"optimizer: {error}") from error

    @torch.no_grad()
    def clip(self, parameters: Iterable[Tensor], optimizer: Optimizer) -> None:
        """Scale the parameters' gradients in place; nothing is asked of the device."""
        moved = [parameter for parameter in parameters if parameter.grad is not None]
        gradients: list[Tensor] = [parameter.grad for parameter in moved]  # type: ignore[misc]
        if self.norm is not None:
            torch.nn.utils.clip_grad_norm_(moved, self.norm, error_if_nonfinite=False)
        if self.ratio is not None:
            squared = torch.stack(torch._foreach_norm(gradients)).square()
            moments = [optimizer.state.get(parameter, {}) for parameter in moved]
            factor = self._factor(squared, moments, optimizer.param_groups[0])
            if factor is not None:
                torch._foreach_mul_(gradients, factor)

    def clipped(
        self, gradients: Mapping[str, Tensor], moments: Mapping[str, Mapping[str, Tensor]],
        options: Mapping[str, Any],
    ) -> dict[str, Tensor]:  # fmt: skip
        """Return the scaled gradients, a differentiable function of those given.

        Args:
            gradients: by parameter name.
            moments: the optimizer's, by parameter name.
            options: of the optimizer, with `betas` or `alpha`.
        """
        scaled = dict(gradients)
        if self.norm is not None:
            norm = torch.stack([gradient.square().sum() for gradient in scaled.values()]).sum().sqrt()
            factor = (self.norm / (norm + NORM_SLACK)).clamp(max=1.0)
            scaled = {name: gradient * factor for name, gradient in scaled.items()}
        if self.ratio is not None:
            squared = torch.stack([gradient.square().sum() for gradient in scaled.values()])
            shrink = self._factor(squared, [moments[name] for name in scaled], options)
            if shrink is not None:
                scaled = {name: gradient * shrink for name, gradient in scaled.items()}
        return scaled

    def _factor(
        self, squared: Tensor, moments: Sequence[Mapping[str, Tensor]], options: Mapping[str, Any]
    ) -> Tensor | None:
        """Return what gradients are multiplied by, `[]`; None where no moments are kept.

        Args:
            squared: norm of each parameter's gradient, squared, `[P]`.
            moments: of each parameter.
            options: of the optimizer.
        """
        key = next((key for key in SQUARES if any(key in kept for kept in moments)), None)
        if key is None:
            return None
        decay = options["betas"][1] if key == "exp_avg_sq" else options["alpha"]
        known = [place for place, kept in enumerate(moments) if key in kept]
        # Second moments are not negative, so their sum is their first norm: one call for all parameters.
        sums = torch.stack(torch._foreach_norm([moments[place][key] for place in known], 1))
        steps = torch.stack([moments[place]["step"] for place in known]).to(sums)
        begun = steps > 0.0  # a skipped first step leaves moments of 0
        grown = -torch.expm1(steps * (math.log(decay) if decay > 0.0 else -math.inf))
        usual = torch.where(begun, sums / torch.where(begun, grown, 1.0), 0.0).sum()
        each = squared.unbind()
        given = torch.where(begun, torch.stack([each[place] for place in known]), 0.0).sum()
        bound = self.ratio**2 * usual  # type: ignore[operator]
        beyond = (given > bound) & (bound > 0.0)
        return torch.where(beyond, bound / torch.where(beyond, given, 1.0), 1.0).sqrt()


UNBOUNDED = Clipping()
