"""Single steps of Adam, RMSprop and SGD as differentiable functions, for looking ahead.

Adam: Kingma & Ba 2015, arXiv:1412.6980, algorithm 1. RMSprop: Tieleman & Hinton 2012, in torch's form. The
steps equal those of torch's optimizers, and have a gradient with respect to the values and gradients that
go in. Look-ahead that continues the optimizer's moments: Metz et al. 2017, arXiv:1611.02163.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer, RMSprop

from gan_zoo.errors import UserError, did_you_mean

OPTIMIZERS: dict[str, type[Optimizer]] = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}
OPTIONS: dict[str, dict[str, Any]] = {  # what each accepts besides name and lr, with defaults
    "adam": {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
    "rmsprop": {"alpha": 0.99, "momentum": 0.0, "eps": 1e-8, "weight_decay": 0.0},
    "sgd": {"momentum": 0.0, "weight_decay": 0.0},
}
MOMENTS = {
    "adam": ("exp_avg", "exp_avg_sq"),
    "rmsprop": ("square_avg", "momentum_buffer"),
    "sgd": ("momentum_buffer",),
}
NamedParameters = Mapping[str, Tensor] | Iterable[tuple[str, Tensor]]
Moments = dict[str, Tensor]


@dataclass(frozen=True)
class InnerState:
    """Where the look-ahead stands.

    Attributes:
        rule: `adam`, `rmsprop` or `sgd`.
        options: of the rule, as in `OPTIONS`.
        moments: by parameter name, then torch's name of the moment.
    """

    rule: str
    options: Mapping[str, Any]
    moments: dict[str, Moments]


def initial_state(optimizer: Optimizer, named_parameters: NamedParameters, inner: str = "auto") -> InnerState:
    """Read an optimizer's moments and step counts, detached and cloned; what has none starts at zero.

    Args:
        optimizer: as `build_optimizer` makes it.
        named_parameters: the optimizer's own parameters by name.
        inner: `auto` for the optimizer's own rule; `sgd` for plain steps without moments; `adam` or
            `rmsprop` for that rule, with default options and zero moments where the optimizer has another.

    Raises:
        UserError: for an unknown rule, or an optimizer without a differentiable twin.
    """
    own = next((name for name, kind in OPTIMIZERS.items() if isinstance(optimizer, kind)), None)
    rule = own if inner == "auto" else inner
    if rule is None or rule not in OPTIMIZERS:
        given = inner if inner != "auto" else type(optimizer).__name__
        raise UserError(f"No differentiable step of optimizer '{given}'. {did_you_mean(given, OPTIMIZERS)}")
    same = rule == own and inner != "sgd"
    options = {k: optimizer.param_groups[0][k] if same else default for k, default in OPTIONS[rule].items()}
    moments = {
        name: _moments(rule, parameter, optimizer.state.get(parameter, {}) if same else {})
        for name, parameter in dict(named_parameters).items()
    }
    return InnerState(rule, options, moments)


def _moments(rule: str, parameter: Tensor, state: Mapping[str, Any]) -> Moments:
    step = state.get("step", torch.zeros((), dtype=parameter.dtype))
    moments = {"step": step.detach().to(parameter.dtype, copy=True)}
    for key in MOMENTS[rule]:
        value = state.get(key)
        moments[key] = torch.zeros_like(parameter) if value is None else value.detach().clone()
    return moments


def functional_step(
    optimizer: Optimizer | None, parameters: Mapping[str, Tensor], gradients: Mapping[str, Tensor],
    state: InnerState, learning_rate: float,
) -> tuple[dict[str, Tensor], InnerState]:  # fmt: skip
    """Take one differentiable step; equal to the optimizer's own, and nothing that is given changes.

    Args:
        optimizer: whose step is imitated; the rule and its options were read by `initial_state`.
        parameters: current values by name.
        gradients: by name; a parameter without one stays, as do its moments.
        state: of `initial_state` or the step before.
        learning_rate: of this step.

    Returns:
        The new values of `parameters`, and the new state.
    """
    values, moments = dict(parameters), dict(state.moments)
    for name, gradient in gradients.items():
        decayed = gradient
        if state.options["weight_decay"]:
            decayed = gradient + state.options["weight_decay"] * parameters[name]
        direction, moments[name] = RULES[state.rule](decayed, moments[name], state.options)
        values[name] = parameters[name] - learning_rate * direction
    return values, InnerState(state.rule, state.options, moments)


def _safe_sqrt(x: Tensor) -> Tensor:
    """Return the square root with gradient 0, not infinity, at 0."""
    positive = x > 0.0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def _bias_correction(beta: float, step: Tensor) -> Tensor:
    """Return 1 - beta ** step without cancellation."""
    return -torch.expm1(step * (math.log(beta) if beta > 0.0 else -math.inf))


def _adam(gradient: Tensor, moments: Moments, options: Mapping[str, Any]) -> tuple[Tensor, Moments]:
    beta1, beta2 = options["betas"]
    step = moments["step"] + 1.0
    mean = beta1 * moments["exp_avg"] + (1.0 - beta1) * gradient
    square = beta2 * moments["exp_avg_sq"] + (1.0 - beta2) * gradient.square()
    size = _safe_sqrt(square) / _bias_correction(beta2, step).sqrt() + options["eps"]
    direction = mean / size / _bias_correction(beta1, step)
    return direction, {"step": step, "exp_avg": mean, "exp_avg_sq": square}


def _rmsprop(gradient: Tensor, moments: Moments, options: Mapping[str, Any]) -> tuple[Tensor, Moments]:
    square = options["alpha"] * moments["square_avg"] + (1.0 - options["alpha"]) * gradient.square()
    scaled = gradient / (_safe_sqrt(square) + options["eps"])
    direction = options["momentum"] * moments["momentum_buffer"] + scaled
    return direction, {"step": moments["step"] + 1.0, "square_avg": square, "momentum_buffer": direction}


def _sgd(gradient: Tensor, moments: Moments, options: Mapping[str, Any]) -> tuple[Tensor, Moments]:
    direction = options["momentum"] * moments["momentum_buffer"] + gradient
    return direction, {"step": moments["step"], "momentum_buffer": direction}


RULES: dict[str, Callable[[Tensor, Moments, Mapping[str, Any]], tuple[Tensor, Moments]]] = {
    "adam": _adam,
    "rmsprop": _rmsprop,
    "sgd": _sgd,
}
