"""Optimizer steps that are not taken where the device says so, without asking the device.

Where a step is taken, all bits are those of torch's own optimizers. Torch's kernels are called directly,
which also spares what `optimizer.step()` does on the host: for small networks, half of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer, RMSprop

State = MutableMapping[Tensor, dict[str, Tensor]]
WITH_KERNELS = ("cpu", "cuda")


@torch.no_grad()
def take_step(optimizer: Optimizer, skipped: Tensor) -> None:
    """Step along the gradients, or leave parameters, moments and step counts bit for bit as they are.

    A moment that a first step would make is left at zero, which is what it would have begun from.

    Args:
        optimizer: as `build_optimizer` makes it, with one group of parameters.
        skipped: `[]`, 1 to leave everything, 0 to step; float32, on the device of the parameters.
    """
    group = optimizer.param_groups[0]
    if skipped.device.type not in WITH_KERNELS:  # torch's plain Adam waits for the device as well
        if not skipped:
            optimizer.step()
        return
    parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
    gradients = [parameter.grad for parameter in parameters]
    RULES[type(optimizer)](parameters, gradients, optimizer.state, group, skipped)


def _adam(
    parameters: list[Tensor], gradients: list[Tensor], state: State, group: Mapping[str, Any], skipped: Tensor
) -> None:
    """Take torch's fused step; its kernel does nothing where `found_inf`, made for gradient scalers, is 1."""
    steps = _counts(state, parameters)
    means = _moments(state, parameters, "exp_avg")
    squares = _moments(state, parameters, "exp_avg_sq")
    torch._foreach_add_(steps, 1.0 - skipped, alpha=1)  # without alpha it would ask the device for a number
    torch._fused_adam_(
        parameters, gradients, means, squares, [], steps, lr=group["lr"], beta1=group["betas"][0],
        beta2=group["betas"][1], weight_decay=group["weight_decay"], eps=group["eps"], amsgrad=False,
        maximize=False, grad_scale=None, found_inf=skipped,
    )  # fmt: skip


def _sgd(
    parameters: list[Tensor], gradients: list[Tensor], state: State, group: Mapping[str, Any], skipped: Tensor
) -> None:
    """Take torch's fused step.

    Torch makes the momentum in the first step, from the gradient. Here it is made before, as minus zero: then
    the usual step gives the same, since momentum * -0 + gradient is the gradient, bit for bit.
    """
    momentum = group["momentum"]
    torch._fused_sgd_(
        parameters, gradients, _moments(state, parameters, "momentum_buffer", -0.0) if momentum else [],
        weight_decay=group["weight_decay"], momentum=momentum, lr=group["lr"], dampening=0.0, nesterov=False,
        maximize=False, is_first_step=False, grad_scale=None, found_inf=skipped,
    )  # fmt: skip


def _rmsprop(
    parameters: list[Tensor], gradients: list[Tensor], state: State, group: Mapping[str, Any], skipped: Tensor
) -> None:
    """Take a step by v <- alpha v + (1 - alpha) g^2 and -lr g / (sqrt(v) + eps).

    Torch has no kernel for it. With g = 0 and alpha = 1 nothing moves, so the device chooses these two.
    """
    torch._foreach_add_(_counts(state, parameters), 1.0 - skipped, alpha=1)  # as for Adam
    skips, one = skipped.bool(), parameters[0].new_ones(())
    if group["weight_decay"]:
        gradients = list(torch._foreach_add(gradients, parameters, alpha=group["weight_decay"]))
    gradients = [torch.where(skips, 0.0, gradient) for gradient in gradients]
    squares = _moments(state, parameters, "square_avg")
    torch._foreach_mul_(squares, torch.where(skips, one, group["alpha"]))
    torch._foreach_addcmul_(squares, gradients, gradients, value=1.0 - group["alpha"])
    sizes = torch._foreach_sqrt(squares)
    torch._foreach_add_(sizes, group["eps"])
    if not group["momentum"]:
        torch._foreach_addcdiv_(parameters, gradients, sizes, value=-group["lr"])
        return
    moving = _moments(state, parameters, "momentum_buffer")
    torch._foreach_mul_(moving, torch.where(skips, one, group["momentum"]))
    torch._foreach_addcdiv_(moving, gradients, sizes)
    taken = torch._foreach_mul(moving, torch.where(skips, 0.0, one))
    torch._foreach_add_(parameters, taken, alpha=-group["lr"])


def _moments(state: State, parameters: list[Tensor], name: str, first: float = 0.0) -> list[Tensor]:
    """Return a moment of each parameter in its own strides, `first` everywhere where there is none yet."""
    for parameter in parameters:
        if name not in state[parameter]:
            state[parameter][name] = torch.full_like(parameter, first)
    return [state[parameter][name] for parameter in parameters]


def _counts(state: State, parameters: list[Tensor]) -> list[Tensor]:
    """Return the step count of each parameter on its device, where torch's RMSprop does not keep it."""
    for parameter in parameters:
        count = state[parameter].get("step")
        if count is None:
            state[parameter]["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
        elif count.device != parameter.device:
            state[parameter]["step"] = count.to(parameter.device)
    return [state[parameter]["step"] for parameter in parameters]


RULES: dict[type[Optimizer], Callable[..., None]] = {Adam: _adam, SGD: _sgd, RMSprop: _rmsprop}
