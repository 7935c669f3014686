"""Optimizers: built from plain data, scheduled over kimg and reset, without host synchronization."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gan_zoo.errors import UserError, did_you_mean, require_number
from gan_zoo.game.differentiable_steps import OPTIMIZERS, OPTIONS
from gan_zoo.game.differentiable_steps import functional_step as functional_step
from gan_zoo.game.differentiable_steps import initial_state as initial_state
from gan_zoo.schedule import Schedule

BELOW_ONE = math.nextafter(1.0, 0.0)


def build_optimizer(config: Mapping[str, Any], parameters: Iterable[Tensor]) -> Optimizer:
    """Build the optimizer `config["name"]` with `lr` and what `OPTIONS` lists.

    Fused kernels are used where torch has them; they keep moments in the strides of the parameters.

    Raises:
        UserError: for an unknown name or key, a missing rate, or a value out of range.
    """
    options = dict(config)
    name = str(options.pop("name", None))
    if name not in OPTIMIZERS:
        raise UserError(f"Unknown optimizer '{name}'. {did_you_mean(name, OPTIMIZERS)}")
    known = ("lr", *OPTIONS[name])
    for key in options:
        if key not in known:
            raise UserError(f"optimizer '{name}' has no parameter '{key}'. {did_you_mean(str(key), known)}")
    if "lr" not in options:
        raise UserError(f"optimizer '{name}' needs lr, the learning rate; try optimizer.lr=2e-4.")
    try:
        checked = {key: _checked(key, value) for key, value in {**OPTIONS[name], **options}.items()}
    except ValueError as error:
        raise UserError(f"optimizer '{name}': {error}") from error
    owned = list(parameters)
    fusible = name != "rmsprop" and all(p.device.type in ("cpu", "cuda") for p in owned)
    fused: dict[str, Any] = {"fused": True} if fusible else {}
    optimizer = OPTIMIZERS[name](owned, **checked, **fused)
    if all(p.device.type == "cpu" for p in owned):
        _skip_graph_check(optimizer)
    return optimizer


def _skip_graph_check(optimizer: Optimizer) -> None:
    """Leave out the check for a CUDA graph in each step of an optimizer on the CPU.

    Where there is no GPU it opens the driver's library anew each time: 0.3 ms per step with torch 2.15. The
    names are torch's own and private; where a version has another, its check stays.
    """
    for check in ("_accelerator_graph_capture_health_check", "_cuda_graph_capture_health_check"):
        if hasattr(optimizer, check):
            setattr(optimizer, check, _nothing)


def _nothing() -> None:
    """Do nothing."""


def _checked(key: str, value: Any) -> Any:
    if key == "betas":
        if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 2:
            raise ValueError(f"betas: expected two numbers such as [0.5, 0.999], got {value!r}.")
        return tuple(require_number("betas", beta, 0.0, BELOW_ONE) for beta in value)
    if key in ("lr", "eps"):
        return require_number(key, value, 0.0, open_low=True)
    return require_number(key, value, 0.0, math.inf if key == "weight_decay" else BELOW_ONE)


def learning_rate_factor(config: Mapping[str, Any], end_kimg: float) -> Callable[[float], float]:
    """Return the factor on the learning rate as a function of kimg.

    Args:
        config: `schedule` (constant, linear, cosine), `final_factor` at `end_kimg`, and `warmup_kimg`, over
            which the factor rises from 0; the schedule starts after it. Other keys are left alone.
        end_kimg: where the schedule ends.

    Raises:
        UserError: for an unknown schedule or a value out of range.
    """
    kind = config.get("schedule", "constant")
    try:
        warmup = require_number("warmup_kimg", config.get("warmup_kimg", 0.0), 0.0)
        final = require_number("final_factor", config.get("final_factor", 0.0), 0.0)
    except ValueError as error:
        raise UserError(f"optimizer: {error}") from error
    if warmup > 0.0 and warmup >= end_kimg:
        raise UserError(f"optimizer.warmup_kimg={warmup:g} must end before the run does, kimg={end_kimg:g}.")
    decay = Schedule(1.0, 1.0 if kind == "constant" else final, kind, warmup, end_kimg)
    if warmup == 0.0:
        return decay
    rise = Schedule(0.0, 1.0, "linear", 0.0, warmup)
    return lambda kimg: rise(kimg) * decay(kimg)


def reset_moments(optimizer: Optimizer) -> None:
    """Forget moments and step counts, as before the first step."""
    optimizer.state.clear()


def align_moments(optimizer: Optimizer) -> None:
    """Give every moment the strides of its parameter; to be called after loading a state.

    Fused kernels walk through memory, so a moment that was saved with other strides would be silently
    permuted.
    """
    for parameter, state in optimizer.state.items():
        for key, value in state.items():
            if value.shape == parameter.shape and value.stride() != parameter.stride():
                state[key] = torch.empty_like(parameter).copy_(value)
