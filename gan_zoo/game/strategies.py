"""How a player's gradient is formed: directly, or after look-ahead steps of the opponent.

Unrolling: Metz et al. 2017 (arXiv:1611.02163), equations 6-9. Works with every objective and penalty, because
the opponent's own terms are evaluated at the surrogate parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.func import functional_call

from gan_zoo import processes
from gan_zoo.game.context import Context
from gan_zoo.game.optimizers import functional_step, initial_state
from gan_zoo.game.player import Player
from gan_zoo.game.terms import due_terms, total
from gan_zoo.stabilizers.base import Stabilizer


class Direct:
    """The gradient of the player's own terms at the current parameters."""

    def loss(self, player: Player, context: Context) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the due terms' sum and the terms."""
        return total(context, due_terms(player.terms, player.steps, context.kimg))

    def differentiates(self, player: Player) -> frozenset[str]:
        """Return what the due terms differentiate by."""
        return frozenset().union(*(term.differentiates for term in player.terms if term.due(player.steps)))


class Unrolled:
    """The gradient through K differentiable steps of the opponent, which are then thrown away.

    The same batch and latents serve all steps, as in the official notebook; the steps continue the opponent's
    optimizer from its current moments and step count; the opponent's buffers are cloned, so look-ahead never
    touches the real network; lazy penalties act in every inner step with their plain weight.

    Args:
        opponent: the player that is looked ahead for.
        steps: K, at least 1.
        inner: `auto` for the opponent's own optimizer, or `adam`, `sgd`.
        inner_lr: learning rate of the inner steps; None for the opponent's current one.
        stabilizers: those whose `constrain` bounds the opponent's weights.
    """

    def __init__(
        self, opponent: Player, steps: int, inner: str = "auto", inner_lr: float | None = None,
        stabilizers: Sequence[Stabilizer] = (),
    ) -> None:  # fmt: skip
        self.opponent, self.steps, self.inner, self.inner_lr = opponent, steps, inner, inner_lr
        self.constraints = [s for s in stabilizers if type(s).constrain is not Stabilizer.constrain]

    def differentiates(self, player: Player) -> frozenset[str]:
        """Return what either player's terms differentiate by."""
        return frozenset().union(*(term.differentiates for term in (*player.terms, *self.opponent.terms)))

    def loss(self, player: Player, context: Context) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the player's terms against the opponent K steps ahead."""
        ahead = context.fork(self.opponent.name, self.look_ahead(context))
        return total(ahead, due_terms(player.terms, player.steps, context.kimg))

    def look_ahead(self, context: Context) -> Callable[..., object]:
        """Return the opponent as it will be after K steps, a differentiable function of its inputs."""
        network = self.opponent.network
        optimizer = self.opponent.optimizer
        rate = self.inner_lr if self.inner_lr is not None else optimizer.param_groups[0]["lr"]
        buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
        named = dict(network.named_parameters())
        state = initial_state(optimizer, named, self.inner)
        ahead = {name: parameter.detach().requires_grad_() for name, parameter in named.items()}
        terms = [(term, term.weight(context.kimg)) for term in self.opponent.terms]
        terms = [(term, weight) for term, weight in terms if weight != 0.0]
        for _ in range(self.steps):
            loss, _ = total(context.fork(self.opponent.name, _substitute(network, ahead, buffers)), terms)
            found = torch.autograd.grad(loss, list(ahead.values()), create_graph=True, allow_unused=True)
            gradients = _averaged({n: g for n, g in zip(ahead, found, strict=True) if g is not None})
            gradients = self.opponent.clipping.clipped(gradients, state.moments, state.options)
            active = {
                name: ahead[name] for name in gradients
            }  # inactive levels of growth stay where they are
            stepped, state = functional_step(optimizer, active, gradients, state, rate)
            for constraint in self.constraints:
                stepped = {name: constraint.constrain(name, weight) for name, weight in stepped.items()}
            ahead = {**ahead, **stepped}
        return _substitute(network, ahead, buffers)


def _substitute(
    network: torch.nn.Module, parameters: dict[str, Tensor], buffers: dict[str, Tensor]
) -> Callable[..., object]:
    return lambda *inputs, **condition: functional_call(network, {**parameters, **buffers}, inputs, condition)


def _averaged(gradients: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the means over processes, at once and differentiable: all of them look ahead to the same D."""
    if processes.world() == 1:
        return gradients
    flat = processes.mean(torch.cat([gradient.flatten() for gradient in gradients.values()]))
    parts = flat.split([gradient.numel() for gradient in gradients.values()])
    return {name: part.view(gradients[name].shape) for name, part in zip(gradients, parts, strict=True)}
