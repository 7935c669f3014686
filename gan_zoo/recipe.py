"""The recipe of layers from which every network is built; stabilizers edit it before anything is built."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.processes.batch_norm import batch_norm
from gan_zoo.types import PlayerName

SQRT2 = math.sqrt(2.0)

WeightTransform = Callable[[nn.Module, float], nn.Module]  # (layer, gain) -> the layer to use
EpilogueFactory = Callable[[], nn.Module]  # keeps the shape [B, C, ...]
StatisticsFactory = Callable[[int, int], nn.Module]  # (channels, size) -> layer with `extra_channels`

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "tanh": nn.Tanh,
    "linear": nn.Identity,
}
NORMALIZATIONS: dict[str, Callable[[int, int], nn.Module]] = {
    "none": lambda channels, dims: nn.Identity(),
    "batch": batch_norm,
    "group": lambda channels, dims: nn.GroupNorm(1, channels),
    "instance": lambda channels, dims: nn.GroupNorm(channels, channels),
}
INITIALIZATIONS: dict[str, Callable[[Tensor, float, int], Any]] = {
    "default": lambda weight, gain, fan_in: None,  # torch's own
    "normal_0.02": lambda weight, gain, fan_in: nn.init.normal_(weight, 0.0, 0.02),
    "he": lambda weight, gain, fan_in: nn.init.normal_(weight, 0.0, gain / math.sqrt(fan_in)),
    "xavier": lambda weight, gain, fan_in: nn.init.xavier_uniform_(weight, gain),
    "orthogonal_0.8": lambda weight, gain, fan_in: nn.init.orthogonal_(weight, 0.8),
    "orthogonal_1.4": lambda weight, gain, fan_in: nn.init.orthogonal_(weight, 1.4),
}


def fan_in(layer: nn.Module) -> int:
    """Return how many inputs one output of a linear or (transposed) convolution layer adds up."""
    weight: Tensor = layer.weight  # type: ignore[assignment]  # of a plain nn.Module, torch knows no more
    if isinstance(layer, nn.ConvTranspose2d):  # weight [in, out, k, k]: each output sees (k / stride)^2 taps
        return max(1, weight.shape[0] * weight[0, 0].numel() // math.prod(layer.stride))
    return weight[0].numel()


@dataclass(frozen=True)
class Recipe:
    """How one player's layers are made.

    A network asks the recipe for its layers and so never knows which stabilizers are active.

    Attributes:
        role: whose network is built.
        normalization: a key of `NORMALIZATIONS`.
        activation: a key of `ACTIVATIONS`.
        initialization: a key of `INITIALIZATIONS`.
        weight: edits of each layer with a weight, in order (spectral norm, equalized learning rate).
        epilogue: layers after each hidden activation (pixel norm).
        latent: layers on the latent vector (pixel norm's form for latents); generators only.
        statistics: layers that add channels before D's last block (minibatch stddev).
    """

    role: PlayerName
    normalization: str = "none"
    activation: str = "leaky_relu"
    initialization: str = "default"
    weight: tuple[WeightTransform, ...] = ()
    epilogue: tuple[EpilogueFactory, ...] = ()
    latent: tuple[EpilogueFactory, ...] = ()
    statistics: tuple[StatisticsFactory, ...] = ()

    def __post_init__(self) -> None:
        for field, known in (
            ("normalization", NORMALIZATIONS),
            ("activation", ACTIVATIONS),
            ("initialization", INITIALIZATIONS),
        ):
            if getattr(self, field) not in known:
                given = getattr(self, field)
                raise UserError(f"Unknown {field} '{given}' in the {self.role}. {did_you_mean(given, known)}")

    def edited(self, **changes: Any) -> Recipe:
        """Return a copy with `changes`; `with_added` appends instead."""
        return replace(self, **changes)

    def with_added(self, **layers: Any) -> Recipe:
        """Return a copy with one more layer per named list, as in `with_added(epilogue=PixelNorm)`."""
        longer: dict[str, Any] = {name: (*getattr(self, name), layer) for name, layer in layers.items()}
        return replace(self, **longer)

    # Layers with weights -------------------------------------------------------------------------------

    def _finish(self, layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, gain: float) -> nn.Module:
        if self.initialization != "default":
            INITIALIZATIONS[self.initialization](layer.weight, gain, fan_in(layer))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        finished: nn.Module = layer
        for transform in self.weight:
            finished = transform(finished, gain)
        return finished

    def conv(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int | None = None,
        gain: float = SQRT2, bias: bool = True,
    ) -> nn.Module:  # fmt: skip
        """Make a convolution; `padding` is `kernel // 2` if None, `gain` He's constant of what follows."""
        same = kernel // 2 if padding is None else padding
        return self._finish(nn.Conv2d(inputs, outputs, kernel, stride, same, bias=bias), gain)

    def conv_transpose(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, padding: int = 0,
        output_padding: int = 0, gain: float = SQRT2, bias: bool = True,
    ) -> nn.Module:  # fmt: skip
        """Make a transposed convolution."""
        layer = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, output_padding, bias=bias)
        return self._finish(layer, gain)

    def linear(self, inputs: int, outputs: int, gain: float = SQRT2, bias: bool = True) -> nn.Module:
        """Make a fully connected layer."""
        return self._finish(nn.Linear(inputs, outputs, bias=bias), gain)

    def embedding(self, classes: int, width: int) -> nn.Module:
        """Make a table of class vectors `[classes, width]`; spectral norm applies, equalized scaling too."""
        layer = nn.Linear(classes, width, bias=False)  # one-hot times matrix: every weight transform works
        return self._finish(layer, 1.0)

    # Layers without ------------------------------------------------------------------------------------

    def norm(self, channels: int, dims: int = 2) -> nn.Module:
        """Make the normalization for `[B, C, H, W]` (`dims=2`) or `[B, C]` (`dims=0`)."""
        return NORMALIZATIONS[self.normalization](channels, dims)

    def act(self) -> nn.Module:
        """Make the activation."""
        return ACTIVATIONS[self.activation]()

    def hidden(
        self, layer: nn.Module, channels: int, dims: int = 2, normalized: bool = True
    ) -> nn.Sequential:
        """Make a hidden stage: layer, normalization, activation, epilogues."""
        norm = [self.norm(channels, dims)] if normalized and self.normalization != "none" else []
        return nn.Sequential(layer, *norm, self.act(), *(make() for make in self.epilogue))

    def latent_layers(self) -> nn.Sequential:
        """Make the layers that act on the latent vector `[B, Z]`."""
        return nn.Sequential(*(make() for make in self.latent))

    def statistics_layers(self, channels: int, size: int) -> tuple[nn.Sequential, int]:
        """Make the batch statistics before D's last block.

        Args:
            channels: channels that arrive.
            size: height and width of the maps, or 0 for vectors `[B, C]`.

        Returns:
            The layers, and the number of channels that leave them.
        """
        layers = []
        for make in self.statistics:
            layer = make(channels, size)
            extra: int = layer.extra_channels  # type: ignore[assignment]  # as of every `StatisticsFactory`
            channels += extra
            layers.append(layer)
        return nn.Sequential(*layers), channels
