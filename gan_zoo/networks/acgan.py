"""The pair of AC-GAN (Odena et al. 2017, arXiv:1610.09585, appendix A).

Its ImageNet table at 128 px, its CIFAR table at 32 px, and what they say for other powers of two. The class
logits are a head of their own, apart from the score.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.networks.checks import check_positive, check_power_of_two
from gan_zoo.networks.layers import ActivationNoise, Dropout, LatentInput, class_vectors
from gan_zoo.networks.stages import needs_bias
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput

SMALL_DIVISORS = (1, 2, 4)  # 384-192-96 at 32 px
LARGE_DIVISORS = (1, 2, 3, 4)  # 768-384-256-192 at 128 px
DISCRIMINATOR_MULTIPLES = (1, 2, 4, 8, 16, 32)  # 16-32-64-128-256-512 at both sizes


@GENERATORS.register("acgan")
class AcganGenerator(Generator):
    """A linear layer and transposed convolutions of 5x5, for square images of 16 to 1024 px.

    Up to 32 px three layers double the size, from 64 px four do.

    Args:
        width: channels of the first map; the paper has 384 at 32 px and 768 at 128 px.
    """

    default_recipe = {"activation": "relu", "normalization": "batch", "initialization": "normal_0.02"}

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0, width: int = 384
    ) -> None:
        size = check_power_of_two("acgan", shape, smallest=16)
        super().__init__(recipe, shape, latent_dim, classes)
        check_positive(width=width)
        divisors = SMALL_DIVISORS if size <= 32 else LARGE_DIVISORS
        widths = [max(1, width // divisor) for divisor in divisors]
        bottom = size >> len(widths)
        self.latent = LatentInput(recipe, latent_dim, classes)
        linear = recipe.linear(self.latent.width, widths[0] * bottom**2)
        first = nn.Sequential(linear, nn.Unflatten(1, (widths[0], bottom, bottom)))
        stages = [recipe.hidden(first, widths[0], normalized=False)]
        for inputs, outputs in itertools.pairwise(widths):
            stages.append(recipe.hidden(self._doubling(inputs, outputs, bias=needs_bias(recipe)), outputs))
        self.layers = nn.Sequential(*stages, self._doubling(widths[-1], shape[0], gain=1.0))

    def _doubling(self, inputs: int, outputs: int, gain: float = 2.0**0.5, bias: bool = True) -> nn.Module:
        return self.recipe.conv_transpose(
            inputs, outputs, 5, stride=2, padding=2, output_padding=1, gain=gain, bias=bias
        )

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Map latents `[B, Z]` and labels `[B]` to images `[B, C, H, W]` in [-1, 1]."""
        return torch.tanh(self.layers(self.latent(latents, class_vectors(labels, self.classes))))


@DISCRIMINATORS.register("acgan")
class AcganDiscriminator(Discriminator):
    """Six convolutions of 3x3 with dropout, a score and class logits, for square images of 16 to 1024 px.

    Args:
        width: channels of the first map; the paper has 16.
        dropout: share of activations zeroed after each convolution; the paper has 0.5.
        activation_noise: standard deviation of Gaussian noise on each activation; paper: 0, 0.1 or 0.2.
    """

    default_recipe = {"activation": "leaky_relu", "normalization": "batch", "initialization": "normal_0.02"}
    auto_normalization = "batch"

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0, width: int = 16, dropout: float = 0.5,
        activation_noise: float = 0.0,
    ) -> None:  # fmt: skip
        size = check_power_of_two("acgan", shape, smallest=16)
        super().__init__(recipe, shape, classes)
        check_positive(width=width)
        if not 0.0 <= dropout < 1.0:
            raise UserError(f"model.discriminator.dropout={dropout}: a share from 0 to below 1 is needed.")
        if not activation_noise >= 0.0:
            raise UserError(f"model.discriminator.activation_noise={activation_noise} cannot be negative.")
        widths = [shape[0], *(width * multiple for multiple in DISCRIMINATOR_MULTIPLES)]
        self.layers = nn.ModuleList()
        for index, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            normalized, stride = index > 0, 2 if index % 2 == 0 else 1
            conv = recipe.conv(inputs, outputs, 3, stride, bias=not normalized or needs_bias(recipe))
            noises = [ActivationNoise(activation_noise)] if activation_noise else []
            dropouts = [Dropout(dropout)] if dropout else []
            self.layers.append(
                nn.Sequential(*recipe.hidden(conv, outputs, normalized=normalized), *noises, *dropouts)
            )
        self.statistics, channels = recipe.statistics_layers(widths[-1], size // 8)
        self.score = recipe.linear(channels * (size // 8) ** 2, 1, gain=1.0)
        self.class_logits = recipe.linear(channels * (size // 8) ** 2, classes, gain=1.0) if classes else None

    def forward(self, samples: Tensor, labels: Tensor | None = None) -> CriticOutput:  # type: ignore[override]
        """Judge images `[B, C, H, W]`; labels are not looked at, `heads["classes"]` guesses them."""
        x, features = samples, {}
        for number, layer in enumerate(self.layers, start=1):
            features[f"hidden{number}"] = x = layer(x)
        x = self.statistics(x).flatten(1)
        heads = {} if self.class_logits is None else {"classes": self.class_logits(x)}
        return CriticOutput(self.score(x).squeeze(1), features, heads)
