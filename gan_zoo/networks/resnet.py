"""The residual pair of SNGAN (Miyato et al. 2018, arXiv:1802.05957, appendix B.4).

With labels by projection and by conditional batch norm it is that of Miyato, Koyama 2018 (arXiv:1802.05637).
Spectral norm is a stabilizer, not part of these networks.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.networks.checks import check_conditional_norm, check_conditioning, check_positive, check_size
from gan_zoo.networks.layers import (
    LatentInput,
    append_class_maps,
    class_projection,
    class_vectors,
)
from gan_zoo.networks.residual import DownBlock, FirstDownBlock, UpBlock
from gan_zoo.networks.stages import hidden_stage
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput

# size: (size of the first map, channels of the first map and of each block's output, in multiples of `width`)
GENERATOR_TABLES = {
    32: (4, (1, 1, 1, 1)),
    48: (6, (8, 4, 2, 1)),
    64: (4, (16, 8, 4, 2, 1)),
    128: (4, (16, 16, 8, 4, 2, 1)),
}
# size: (channels of each block's output in multiples of `width`, how many of the blocks halve the size)
DISCRIMINATOR_TABLES = {
    32: ((1, 1, 1, 1), 2),
    48: ((1, 2, 4, 8, 16), 4),
    64: ((1, 2, 4, 8, 16), 5),
    128: ((1, 2, 4, 8, 16, 16), 5),
}


@GENERATORS.register("resnet")
class ResnetGenerator(Generator):
    """Residual blocks that double the size, for square images of 32, 48, 64 or 128 px.

    Args:
        width: channels of the largest map; the papers have 256 at 32 px and 64 at the other sizes.
        conditioning: none, concat (class vector beside the latent), conditional_batch_norm.
    """

    default_recipe = {"activation": "relu", "normalization": "batch", "initialization": "xavier"}

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], latent_dim: int, classes: int = 0, width: int = 256,
        conditioning: str = "none",
    ) -> None:  # fmt: skip
        size = check_size("resnet", shape, tuple(GENERATOR_TABLES))
        classes = check_conditioning("generator", conditioning, classes)
        super().__init__(recipe, shape, latent_dim, classes)
        check_positive(width=width)
        by_class = classes if check_conditional_norm(recipe, conditioning) else 0
        self.latent = LatentInput(recipe, latent_dim, classes if conditioning == "concat" else 0)
        bottom, multiples = GENERATOR_TABLES[size]
        widths = [width * multiple for multiple in multiples]
        self.first_map = (widths[0], bottom, bottom)
        self.first = recipe.linear(self.latent.width, widths[0] * bottom**2, gain=1.0)
        self.blocks = nn.ModuleList(
            UpBlock(recipe, inputs, outputs, by_class) for inputs, outputs in itertools.pairwise(widths)
        )
        self.last = hidden_stage(recipe, nn.Identity(), widths[-1])  # this norm is the same for every class
        self.to_image = recipe.conv(widths[-1], shape[0], 3, gain=1.0)

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Map latents `[B, Z]` and labels `[B]` to images `[B, C, H, W]` in [-1, 1]."""
        vectors = class_vectors(labels, self.classes)
        x = self.first(self.latent(latents, vectors)).unflatten(1, self.first_map)
        for block in self.blocks:
            x = block(x, vectors)
        return torch.tanh(self.to_image(self.last(x)))


@DISCRIMINATORS.register("resnet")
class ResnetDiscriminator(Discriminator):
    """Residual blocks that halve the size, then a global pool, for square images of 32, 48, 64 or 128 px.

    Args:
        width: channels of the largest map; the papers have 128 at 32 px and 64 at the other sizes.
        conditioning: none, concat (one map per class beside the image), projection.
        pooling: sum (SNGAN) or mean (WGAN-GP, arXiv:1704.00028) over the last map.
    """

    default_recipe = {"activation": "relu", "normalization": "none", "initialization": "xavier"}
    auto_normalization = "spectral"

    def __init__(
        self, recipe: Recipe, shape: tuple[int, ...], classes: int = 0, width: int = 128,
        conditioning: str = "none", pooling: str = "sum",
    ) -> None:  # fmt: skip
        size = check_size("resnet", shape, tuple(DISCRIMINATOR_TABLES))
        classes = check_conditioning("discriminator", conditioning, classes)
        super().__init__(recipe, shape, classes)
        check_positive(width=width)
        if pooling not in ("sum", "mean"):
            raise UserError(f"model.discriminator.pooling={pooling} is unknown. Type sum or mean.")
        self.pooling, self.concat = pooling, conditioning == "concat"
        multiples, halvings = DISCRIMINATOR_TABLES[size]
        widths = [width * multiple for multiple in multiples]
        self.blocks = nn.ModuleList(
            [FirstDownBlock(recipe, shape[0] + (classes if self.concat else 0), widths[0])]
        )
        for index in range(1, len(widths)):
            self.blocks.append(DownBlock(recipe, widths[index - 1], widths[index], halves=index < halvings))
        self.last = recipe.hidden(nn.Identity(), widths[-1], normalized=False)
        self.statistics, channels = recipe.statistics_layers(widths[-1], 0)
        self.score = recipe.linear(channels, 1, gain=1.0)
        self.projection = class_projection(recipe, conditioning, classes, widths[-1])

    def forward(self, samples: Tensor, labels: Tensor | None = None) -> CriticOutput:  # type: ignore[override]
        """Judge images `[B, C, H, W]` with labels `[B]`."""
        vectors = class_vectors(labels, self.classes)
        x = append_class_maps(samples, vectors) if self.concat and vectors is not None else samples
        features = {}
        for number, block in enumerate(self.blocks, start=1):
            features[f"block{number}"] = x = block(x)
        x = self.last(x)
        features["pooled"] = x = x.sum(dim=(2, 3)) if self.pooling == "sum" else x.mean(dim=(2, 3))  # [B, C]
        score = self.score(self.statistics(x)).squeeze(1)
        if self.projection is not None:
            score = score + self.projection(x, vectors)
        return CriticOutput(score, features)
