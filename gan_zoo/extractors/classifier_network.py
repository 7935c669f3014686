"""The network that is trained to tell classes apart; its last hidden layer is the feature."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_zoo.draws import Draws

SMALLEST = 4  # pixels of the shorter side
LARGE = 16  # pixels from which the first convolution may halve the image
GRID = 4  # the last convolution is averaged to at most so many rows and columns


class ClassifierNetwork(nn.Module):
    """Strided convolutions with batch norm down to about 4x4, one hidden layer, class logits.

    Args:
        shape: `(C, H, W)` of the images.
        classes: number of classes.
        widths: channels of the convolutions; the last width goes on.
        hidden: width of the hidden layer.
    """

    def __init__(self, shape: Sequence[int], classes: int, widths: Sequence[int], hidden: int) -> None:
        super().__init__()
        side = min(shape[1:])
        strides = [2] * max(1, math.ceil(math.log2(side / GRID)))
        if side < LARGE:
            strides = [1, *strides]
        depth = len(strides)
        channels = [shape[0], *(widths[min(layer, len(widths) - 1)] for layer in range(depth))]
        layers: list[nn.Module] = []
        height, width = shape[1:]
        for layer, stride in enumerate(strides):
            before, after = channels[layer], channels[layer + 1]
            kernel = 5 if layer == 0 else 3
            convolution = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)
            layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
            height, width = math.ceil(height / stride), math.ceil(width / stride)
        grid = (min(GRID, height), min(GRID, width))
        if grid != (height, width):
            layers.append(nn.AdaptiveAvgPool2d(grid))
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        self.hidden = nn.Sequential(
            nn.Linear(channels[-1] * math.prod(grid), hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU()
        )
        self.classes = nn.Linear(hidden, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return hidden features `[B, hidden]` and class logits `[B, K]` of images in [-1, 1]."""
        features = self.hidden(self.convolutions(images))
        return features, self.classes(features)


def untrained(shape: Sequence[int], classes: int, widths: Sequence[int], hidden: int) -> ClassifierNetwork:
    """Return a network whose weights mean nothing yet; torch's global generator stays as it was."""
    with torch.random.fork_rng(devices=[]):
        return ClassifierNetwork(shape, classes, widths, hidden)


def initialize(network: ClassifierNetwork, draws: Draws) -> ClassifierNetwork:
    """Give all layers He-normal weights (He et al. 2015, arXiv:1502.01852), drawn by the layer's name."""
    for name, module in network.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(
                module.weight, nonlinearity="relu", generator=draws.generator("weights", name)
            )
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_parameters()
    return network
