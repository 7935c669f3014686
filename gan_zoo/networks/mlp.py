"""Fully connected networks for any data, images included.

With other options these are the nets of Metz et al. 2017 (arXiv:1611.02163, appendix A: orthogonal weights,
D's input divided by 4) and of PacGAN (Lin et al. 2018, arXiv:1712.04086, section 4.1: G 400x4 with batch
norm, D 200x3 maxout).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.networks.checks import (
    check_above_zero,
    check_conditional_norm,
    check_conditioning,
    check_count,
    check_not_negative,
    check_output,
    check_positive,
)
from gan_zoo.networks.fourier import FourierFeatures
from gan_zoo.networks.layers import (
    LatentInput,
    Maxout,
    class_projection,
    class_vectors,
)
from gan_zoo.networks.mixture import MixtureLayer
from gan_zoo.networks.moments import MomentFeatures
from gan_zoo.networks.output_noise import OutputNoise
from gan_zoo.networks.stages import Stage, hidden_stage, needs_bias
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput

DEFAULT_HIDDEN = (128, 128, 128)


def _check_hidden(hidden: Sequence[int]) -> tuple[int, ...]:
    for width in hidden:
        check_positive(hidden=width)
    return tuple(hidden)


@GENERATORS.register("mlp")
class MlpGenerator(Generator):
    """Fully connected generator for vectors (linear output) and images (tanh output).

    Args:
        hidden: widths of the hidden layers, first to last.
        bias: whether hidden layers have a bias (none before a norm that would cancel it).
        output_scale: factor on what the last layer gives.
        output_noise: standard deviation at the start of a noise that each output gets of its own, times a
            learned gain; 0 for none. The last `prod(shape)` numbers of a latent are this noise, and the last
            layer starts near zero.
        mixture_signs: K; each of the 2^K combinations of the signs of a latent's first K numbers has a
            learned vector, added to what the first layer gives; 0 for none. See `MixtureLayer`.
        mixture_rate: how many times as fast these vectors learn.
        conditioning: none, concat (class vector beside the latent), conditional_batch_norm.
    """

    default_recipe = {"activation": "relu", "normalization": "none", "initialization": "default"}

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0,
        hidden: Sequence[int] = DEFAULT_HIDDEN, bias: bool = True, output_scale: float = 1.0,
        output_noise: float = 0.0, mixture_signs: int = 0, mixture_rate: float = 8.0,
        conditioning: str = "none",
    ) -> None:  # fmt: skip
        classes = check_conditioning("generator", conditioning, classes)
        super().__init__(recipe, shape, latent_dim, classes)
        check_above_zero("generator", output_scale=output_scale, mixture_rate=mixture_rate)
        check_not_negative("generator", output_noise=output_noise)
        check_count(mixture_signs=mixture_signs)
        self.output_scale, numbers = output_scale, math.prod(shape)
        self.noise = OutputNoise(numbers, latent_dim, output_noise / output_scale) if output_noise else None
        by_class = classes if check_conditional_norm(recipe, conditioning) else 0
        seen = latent_dim if self.noise is None else self.noise.seen
        self.latent = LatentInput(recipe, seen, classes if conditioning == "concat" else 0)
        widths = (self.latent.width, *_check_hidden(hidden))
        bias = bias and needs_bias(recipe)
        last = recipe.linear(widths[-1], numbers, gain=1.0)
        layers = [recipe.linear(*each, bias=bias) for each in itertools.pairwise(widths)]
        if mixture_signs:
            if not layers:
                raise UserError(f"mixture_signs={mixture_signs} needs a hidden layer, got hidden=[].")
            layers[0] = MixtureLayer(layers[0], mixture_signs, seen, widths[1], mixture_rate)
        self.layers = Stage(
            *(
                hidden_stage(recipe, layer, width, by_class, dims=0)
                for layer, width in zip(layers, widths[1:], strict=True)
            ),
            last if self.noise is None else self.noise.shrink(last),
        )

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Map latents `[B, Z]` to samples `[B, D]`, or `[B, C, H, W]` in [-1, 1]."""
        vectors, noise = class_vectors(labels, self.classes), None
        if self.noise is not None:
            latents, noise = self.noise.split(latents)
        samples = self.layers(self.latent(latents, vectors), vectors)
        if self.noise is not None:
            samples = self.noise(samples, noise)
        if self.output_scale != 1.0:
            samples = samples * self.output_scale
        return torch.tanh(samples).unflatten(1, self.shape) if len(self.shape) > 1 else samples


@DISCRIMINATORS.register("mlp")
class MlpDiscriminator(Discriminator):
    """Fully connected discriminator for vectors and flattened images.

    Args:
        hidden: widths of the hidden layers, first to last.
        bias: whether hidden layers have a bias (none before a norm that would cancel it).
        maxout: pieces of a maxout layer in place of each activation, 1 for none.
        input_scale: samples are divided by this.
        fourier_features: how many random waves D sees beside the sample; 0 for none.
        fourier_scale: standard deviation of their frequencies, in half periods per unit of input.
        moments: D sees deviations from the mean over coordinates, their squares, and the mean in units of
            this number with `fourier_features` waves of it; 0 for the sample itself.
        conditioning: none, concat (class vector beside the sample), projection.
        output: linear, or sigmoid for a probability.
    """

    default_recipe = {"activation": "relu", "normalization": "none", "initialization": "default"}

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0,
        hidden: Sequence[int] = DEFAULT_HIDDEN, bias: bool = True, maxout: int = 1, input_scale: float = 1.0,
        fourier_features: int = 0, fourier_scale: float = 1.0, moments: float = 0.0,
        conditioning: str = "none", output: str = "linear",
    ) -> None:  # fmt: skip
        classes = check_conditioning("discriminator", conditioning, classes)
        super().__init__(recipe, shape, classes)
        check_output(output)
        check_positive(maxout=maxout)
        check_above_zero("discriminator", input_scale=input_scale, fourier_scale=fourier_scale)
        check_count(fourier_features=fourier_features)
        check_not_negative("discriminator", moments=moments)
        numbers = math.prod(shape)
        self.view: nn.Module = nn.Identity()
        if moments:
            self.view, numbers = (
                MomentFeatures(fourier_features, moments),
                2 * (numbers + fourier_features + 1),
            )
        elif fourier_features:
            self.view = FourierFeatures(numbers, fourier_features, fourier_scale)
            numbers += 2 * fourier_features
        self.score_kind = "probability" if output == "sigmoid" else "logit"
        self.input_scale, self.concat = input_scale, conditioning == "concat"
        widths = (numbers + (classes if self.concat else 0), *_check_hidden(hidden))
        self.layers = nn.ModuleList(
            self._layer(inputs, outputs, bias, maxout) for inputs, outputs in itertools.pairwise(widths)
        )
        self.statistics, width = recipe.statistics_layers(widths[-1], 0)
        self.score = recipe.linear(width, 1, gain=1.0)
        self.projection = class_projection(recipe, conditioning, classes, widths[-1])

    def _layer(self, inputs: int, outputs: int, bias: bool, pieces: int) -> nn.Sequential:
        if pieces == 1:
            linear = self.recipe.linear(inputs, outputs, bias=bias and needs_bias(self.recipe))
            return self.recipe.hidden(linear, outputs, dims=0)
        linear = self.recipe.linear(inputs, outputs * pieces, bias=bias)
        maxout = nn.Sequential(linear, Maxout(pieces))
        return self.recipe.edited(activation="linear").hidden(maxout, outputs, dims=0)

    def forward(self, samples: Tensor, labels: Tensor | None = None) -> CriticOutput:  # type: ignore[override]
        """Judge samples `[B, D]` or `[B, C, H, W]` with labels `[B]`."""
        vectors = class_vectors(labels, self.classes)
        x = samples.flatten(1) if self.input_scale == 1.0 else samples.flatten(1) / self.input_scale
        x = self.view(x)
        if self.concat and vectors is not None:
            x = torch.cat([x, vectors.to(x.dtype)], dim=1)
        features = {}
        for number, layer in enumerate(self.layers, start=1):
            features[f"hidden{number}"] = x = layer(x)
        score = self.score(self.statistics(x)).squeeze(1)
        if self.projection is not None:
            score = score + self.projection(x, vectors)
        return CriticOutput(score.sigmoid() if self.score_kind == "probability" else score, features)
