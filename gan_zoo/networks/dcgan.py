"""DCGAN (Radford et al. 2016, arXiv:1511.06434, figure 1 and section 3), for any power-of-two size from 16.

With `conditioning=concat` and `width=128` at 32 px it is the class-conditional baseline of MSGAN (Mao et al.
2019, arXiv:1903.05628): G 512-256-128, D 128-256-512, kernels of 4.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.networks.checks import (
    check_conditional_norm,
    check_conditioning,
    check_output,
    check_positive,
    check_power_of_two,
)
from gan_zoo.networks.layers import LatentInput, append_class_maps, class_projection, class_vectors
from gan_zoo.networks.stages import Stage, hidden_stage, needs_bias, scatter_norms
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput


def map_widths(size: int, width: int, max_width: int) -> list[int]:
    """Return the channels of D's maps from size/2 down to 4x4, which are G's maps from size/2 backward.

    Example:
        >>> map_widths(64, 64, 512)
        [64, 128, 256, 512]
    """
    check_positive(width=width, max_width=max_width)
    return [min(width * 2**halving, max_width) for halving in range(size.bit_length() - 3)]


@GENERATORS.register("dcgan")
class DcganGenerator(Generator):
    """Transposed convolutions of stride 2 with batch norm, for square images of 16 to 1024 px.

    Args:
        width: channels of the largest hidden map; they double with each halving of the size.
        max_width: the most channels of a map.
        conditioning: none, concat (class vector beside the latent), conditional_batch_norm.
    """

    default_recipe = {"activation": "relu", "normalization": "batch", "initialization": "normal_0.02"}

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0,
        width: int = 64, max_width: int = 512, conditioning: str = "none",
    ) -> None:  # fmt: skip
        size = check_power_of_two("dcgan", shape, smallest=16)
        classes = check_conditioning("generator", conditioning, classes)
        super().__init__(recipe, shape, latent_dim, classes)
        by_class = classes if check_conditional_norm(recipe, conditioning) else 0
        self.latent = LatentInput(recipe, latent_dim, classes if conditioning == "concat" else 0)
        widths = map_widths(size, width, max_width)[::-1]
        bias = needs_bias(recipe)
        first = recipe.conv_transpose(self.latent.width, widths[0], 4, bias=bias)  # 1x1 -> 4x4
        stages = [hidden_stage(recipe, first, widths[0], by_class)]
        for inputs, outputs in itertools.pairwise(widths):
            layer = recipe.conv_transpose(inputs, outputs, 4, stride=2, padding=1, bias=bias)
            stages.append(hidden_stage(recipe, layer, outputs, by_class))
        last = recipe.conv_transpose(widths[-1], shape[0], 4, stride=2, padding=1, gain=1.0)
        self.layers = Stage(*stages, last)
        scatter_norms(self, recipe)

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Map latents `[B, Z]` and labels `[B]` to images `[B, C, H, W]` in [-1, 1]."""
        vectors = class_vectors(labels, self.classes)
        return torch.tanh(self.layers(self.latent(latents, vectors)[:, :, None, None], vectors))


@DISCRIMINATORS.register("dcgan")
class DcganDiscriminator(Discriminator):
    """Convolutions of stride 2, batch norm in all but the first, for square images of 16 to 1024 px.

    Args:
        width: channels of the largest hidden map; they double with each halving of the size.
        max_width: the most channels of a map.
        conditioning: none, concat (one map per class beside the image), projection.
        output: linear, or sigmoid for a probability.
    """

    default_recipe = {"activation": "leaky_relu", "normalization": "batch", "initialization": "normal_0.02"}
    auto_normalization = "batch"

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0, width: int = 64, max_width: int = 512,
        conditioning: str = "none", output: str = "linear",
    ) -> None:  # fmt: skip
        size = check_power_of_two("dcgan", shape, smallest=16)
        classes = check_conditioning("discriminator", conditioning, classes)
        super().__init__(recipe, shape, classes)
        check_output(output)
        self.score_kind = "probability" if output == "sigmoid" else "logit"
        self.concat = conditioning == "concat"
        widths = map_widths(size, width, max_width)
        first = recipe.conv(shape[0] + (classes if self.concat else 0), widths[0], 4, stride=2, padding=1)
        self.layers = nn.ModuleList([recipe.hidden(first, widths[0], normalized=False)])
        for inputs, outputs in itertools.pairwise(widths):
            layer = recipe.conv(inputs, outputs, 4, stride=2, padding=1, bias=needs_bias(recipe))
            self.layers.append(recipe.hidden(layer, outputs))
        self.statistics, channels = recipe.statistics_layers(widths[-1], 4)
        self.score = recipe.conv(channels, 1, 4, padding=0, gain=1.0)  # 4x4 -> 1x1
        self.projection = class_projection(recipe, conditioning, classes, widths[-1])
        scatter_norms(self, recipe)

    def forward(self, samples: Tensor, labels: Tensor | None = None) -> CriticOutput:  # type: ignore[override]
        """Judge images `[B, C, H, W]` with labels `[B]`."""
        vectors = class_vectors(labels, self.classes)
        x = append_class_maps(samples, vectors) if self.concat and vectors is not None else samples
        features = {}
        for number, layer in enumerate(self.layers, start=1):
            features[f"hidden{number}"] = x = layer(x)
        score = self.score(self.statistics(x)).flatten()
        if self.projection is not None:
            score = score + self.projection(x.sum(dim=(2, 3)), vectors)
        return CriticOutput(score.sigmoid() if self.score_kind == "probability" else score, features)
