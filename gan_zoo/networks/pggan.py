"""The growing pair of PGGAN (Karras et al. 2018, arXiv:1710.10196, table 2 and figure 2).

A resolution of 2^r has `nf(r - 1)` channels, `nf(s) = min(fmap_base / 2^(s * fmap_decay), fmap_max)`.
Pixel norm, equalized learning rate and minibatch stddev are stabilizers; a layer only states its gain. `fade`
is the weight of the new path.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.networks.checks import check_positive, check_power_of_two
from gan_zoo.networks.layers import Downsample, LatentInput, Upsample, class_vectors, downsample, upsample
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput


def feature_maps(levels: int, base: int, decay: float, most: int) -> list[int]:
    """Return `nf(0), nf(1), ...` for as many resolutions from 4 on; level l has `nf(l + 1)` channels.

    Raises:
        UserError: if `base`, `most` or `decay` leave a map without channels.
    """
    check_positive(fmap_base=base, fmap_max=most)
    widths = [min(int(base / 2.0 ** (stage * decay)), most) for stage in range(levels + 1)]
    if min(widths) < 1:
        size = 2 ** (levels + 1)
        raise UserError(f"fmap_base={base} leaves no channels at {size} px; type at least {2**levels}.")
    return widths


def resolutions(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the resolutions of growth, `(4, 8, ..., size)`.

    Raises:
        UserError: unless the shape is a square image of 4 to 1024 px, a power of two.
    """
    size = check_power_of_two("pggan", shape, smallest=4)
    return tuple(2**power for power in range(2, size.bit_length()))


def check_stage(levels: tuple[int, ...], level: int | None, fade: float) -> int:
    """Return the level to run, the last one for None.

    Raises:
        UserError: for a level that does not exist, or a fade outside [0, 1].
    """
    if level is None:
        level = len(levels) - 1
    if not 0 <= level < len(levels) or not 0.0 <= fade <= 1.0:
        raise UserError(f"level={level}, fade={fade}: levels are 0 to {len(levels) - 1}, fade is 0 to 1.")
    return level


@GENERATORS.register("pggan")
class PgganGenerator(Generator):
    """Growing generator with nearest upsampling and linear RGB output, for square images of 4 to 1024 px.

    Args:
        fmap_base: channels at the full formula's stage 0; the paper has 8192.
        fmap_decay: how fast channels fall with resolution, in powers of two.
        fmap_max: the most channels of a map; the paper has 512.
    """

    default_recipe = {"activation": "leaky_relu", "normalization": "none", "initialization": "he"}
    grows = True

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0,
        fmap_base: int = 8192, fmap_decay: float = 1.0, fmap_max: int = 512,
    ) -> None:  # fmt: skip
        levels = resolutions(shape)
        super().__init__(recipe, shape, latent_dim, classes)
        self.levels = levels
        widths = feature_maps(len(levels), fmap_base, fmap_decay, fmap_max)[1:]
        self.latent = LatentInput(recipe, latent_dim, classes)
        # As in the paper, a full 4x4 convolution of a 1x1 map. He's rule counts 16 Z taps per channel, so
        # gain sqrt(2) is the dense layer's constant sqrt(2)/4 / sqrt(Z) of the TensorFlow release.
        first = recipe.hidden(recipe.conv_transpose(self.latent.width, widths[0], 4), widths[0])
        self.blocks = nn.ModuleList([nn.Sequential(first, self._conv(widths[0], widths[0]))])
        for inputs, outputs in itertools.pairwise(widths):
            block = nn.Sequential(Upsample(), self._conv(inputs, outputs), self._conv(outputs, outputs))
            self.blocks.append(block)
        self.to_rgb = nn.ModuleList(recipe.conv(width, shape[0], 1, gain=1.0) for width in widths)

    def _conv(self, inputs: int, outputs: int) -> nn.Module:
        return self.recipe.hidden(self.recipe.conv(inputs, outputs, 3), outputs)

    def forward(  # type: ignore[override]
        self, latents: Tensor, labels: Tensor | None = None, level: int | None = None, fade: float = 1.0
    ) -> Tensor:
        """Map latents `[B, Z]` and labels `[B]` to images `[B, C, R, R]` at the level's resolution R."""
        level = check_stage(self.levels, level, fade)
        x = self.latent(latents, class_vectors(labels, self.classes))[:, :, None, None]
        for index in range(level):
            x = self.blocks[index](x)
        image = self.to_rgb[level](self.blocks[level](x))
        if level == 0 or fade == 1.0:
            return image
        return torch.lerp(upsample(self.to_rgb[level - 1](x)), image, fade)


@DISCRIMINATORS.register("pggan")
class PgganDiscriminator(Discriminator):
    """Growing discriminator with average pooling and class logits for labeled data, for 4 to 1024 px.

    Args:
        fmap_base: channels at the full formula's stage 0; the paper has 8192.
        fmap_decay: how fast channels fall with resolution, in powers of two.
        fmap_max: the most channels of a map; the paper has 512.
    """

    default_recipe = {"activation": "leaky_relu", "normalization": "none", "initialization": "he"}
    grows = True

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0, fmap_base: int = 8192,
        fmap_decay: float = 1.0, fmap_max: int = 512,
    ) -> None:  # fmt: skip
        levels = resolutions(shape)
        super().__init__(recipe, shape, classes)
        self.levels = levels
        last, *widths = feature_maps(len(levels), fmap_base, fmap_decay, fmap_max)
        self.from_rgb = nn.ModuleList(
            recipe.hidden(recipe.conv(shape[0], width, 1), width, normalized=False) for width in widths
        )
        self.statistics, channels = recipe.statistics_layers(widths[0], 4)
        dense = recipe.conv(widths[0], last, 4, padding=0)  # 4x4 -> 1x1
        dense = recipe.hidden(dense, last, normalized=False)
        self.blocks = nn.ModuleList([nn.Sequential(self.statistics, self._conv(channels, widths[0]), dense)])
        for outputs, inputs in itertools.pairwise(widths):
            block = nn.Sequential(self._conv(inputs, inputs), self._conv(inputs, outputs), Downsample())
            self.blocks.append(block)
        self.score = recipe.linear(last, 1, gain=1.0)
        self.class_logits = recipe.linear(last, classes, gain=1.0) if classes else None

    def _conv(self, inputs: int, outputs: int) -> nn.Module:
        return self.recipe.hidden(self.recipe.conv(inputs, outputs, 3), outputs)

    def forward(  # type: ignore[override]
        self, samples: Tensor, labels: Tensor | None = None, level: int | None = None, fade: float = 1.0
    ) -> CriticOutput:
        """Judge images `[B, C, R, R]` at the level's resolution R; `heads["classes"]` guesses the labels.

        Raises:
            UserError: if the images do not have the level's resolution.
        """
        level = check_stage(self.levels, level, fade)
        if samples.shape[-1] != self.levels[level]:
            given, needed = samples.shape[-1], self.levels[level]
            raise UserError(
                f"Level {level} judges images of {needed}x{needed}, but they are {given} px wide."
            )
        features = {}
        x = self.from_rgb[level](samples)
        for index in range(level, -1, -1):
            x = self.blocks[index](x)
            if index == level and level > 0 and fade < 1.0:
                x = torch.lerp(self.from_rgb[level - 1](downsample(samples)), x, fade)
            features[f"block{self.levels[index]}"] = x
        x = x.flatten(1)  # [B, nf(0), 1, 1] -> [B, nf(0)]
        heads = {} if self.class_logits is None else {"classes": self.class_logits(x)}
        return CriticOutput(self.score(x).squeeze(1), features, heads)
