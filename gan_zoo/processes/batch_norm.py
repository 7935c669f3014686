"""Batch norm over the rows of all processes; torch's own synchronized form knows no CPU.

Ioffe & Szegedy 2015, Batch Normalization, arXiv:1502.03167, algorithm 1. With one process, in eval mode, and
wherever a network runs outside the game, it is torch's own.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gan_zoo.processes.reduce import moments, world


class BatchNorm1d(nn.BatchNorm1d):
    """Normalizes `[B, C]` by the mean and variance of all processes' rows."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalize, and move the running statistics in training mode."""
        return super().forward(x) if world() == 1 or not self.training else _normalized(self, x)


class BatchNorm2d(nn.BatchNorm2d):
    """Normalizes `[B, C, H, W]` by the mean and variance of all processes' pixels."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalize, and move the running statistics in training mode."""
        return super().forward(x) if world() == 1 or not self.training else _normalized(self, x)


def batch_norm(channels: int, dims: int, affine: bool = True) -> nn.Module:
    """Make the norm for `[B, C, H, W]` (`dims=2`) or `[B, C]` (`dims=0`)."""
    return (BatchNorm2d if dims == 2 else BatchNorm1d)(channels, affine=affine)


def _normalized(layer: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor) -> Tensor:
    """Return `[B, C, ...]` normalized over all processes, in the type of `x`; statistics have 32 bits."""
    exact = x.to(torch.promote_types(x.dtype, torch.float32))
    places = [0, *range(2, x.dim())]
    mean, variance = moments(exact.mean(places), exact.var(places, correction=0))  # [C] each
    _move(layer, mean.detach(), variance.detach(), world() * x.numel() // x.shape[1])
    shape = [1, -1, *[1] * (x.dim() - 2)]
    normalized = (exact - mean.view(shape)) * torch.rsqrt(variance + layer.eps).view(shape)
    if layer.affine:
        normalized = torch.addcmul(layer.bias.view(shape), normalized, layer.weight.view(shape))
    return normalized.to(x.dtype)


@torch.no_grad()
def _move(layer: nn.BatchNorm1d | nn.BatchNorm2d, mean: Tensor, variance: Tensor, count: int) -> None:
    """Move the running statistics as torch does; the variance gets Bessel's correction, over all rows."""
    momentum = 0.1 if layer.momentum is None else layer.momentum
    pairs = ((layer.running_mean, mean), (layer.running_var, variance * (count / max(1, count - 1))))
    for running, new in pairs:
        if running is not None:
            running.mul_(1.0 - momentum).add_(new.to(running.dtype), alpha=momentum)
    if layer.num_batches_tracked is not None:
        layer.num_batches_tracked.add_(1)
