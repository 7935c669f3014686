"""Features of convolutional networks that nobody trained, standardized by the real data.

Random convolutions see local structure without knowing any classes; Naeem et al. 2020 (arXiv:2002.09797)
advise them where images are unlike those that a trained network knows. Their raw scale is arbitrary, so each
feature is brought to mean 0 and standard deviation 1 on the training split.

Several networks are laid side by side: squared distances are then sums over them, so that one unlucky draw of
weights counts for little. The average of the features themselves would be one more random network.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor, scaled
from gan_zoo.extractors.digests import digest_plain, digest_tensors
from gan_zoo.extractors.inputs import ExtractorData, check_samples, spread
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.extractors.networks import Frozen

WIDTHS = (16, 32, 64)  # channels of the first layers; the last width goes on
GRID = 2  # the last layer is averaged over this many rows and columns, so that the layout is kept
READ = 16  # channels of the last layer
SLOPE = 0.2  # of leaky ReLU for negative values
MOST = 10_000  # training images that the standardization looks at
NEGLIGIBLE = 1e-6  # a feature whose deviation is below this share of the largest one says nothing about reals


@EXTRACTORS.register("random_convolutions")
class RandomConvolutions(Extractor):
    """Standardized features of untrained convolutional networks with fixed weights.

    Args:
        data: its training images are what the standardization is fitted to.
        seed: of the weights.
        networks: how many, laid side by side; 64 numbers each.
        device: where they run.
        batch_size: samples at once.
    """

    name = "random_convolutions"

    def __init__(
        self,
        data: ExtractorData,
        *,
        seed: int = 0,
        networks: int = 3,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, device, batch_size)
        if isinstance(networks, bool) or not isinstance(networks, int) or networks < 1:
            raise UserError(f"extractor.networks={networks!r}: a whole number of at least 1 is needed.")
        if len(data.train_images) < 2:
            raise UserError(
                f"extractor=random_convolutions is standardized by at least 2 training images, there are "
                f"{len(data.train_images)}. Type extractor=pixels or extractor=projection."
            )
        self.seed, self.count = seed, networks
        check_samples(data.train_images[:1], self.shape, self.name)
        built = [random_network(self.shape, seed, index) for index in range(networks)]
        self.networks = [Frozen(network, self.device) for network in built]
        self.dimensions = networks * READ * GRID * GRID
        self.digest = self._digest(data)
        self.id = extractor_id("randconv", f"s{seed}", "std", self.dimensions, self.digest)
        self.mean, self.std = torch.zeros(()), torch.ones(())  # until the first look at the reals
        self._fit(data.train_images)

    def protocol(self) -> dict[str, Any]:
        """Return weights and standardization."""
        rule = f"mean 0, standard deviation 1 over {self.fitted} training images"
        return {
            **super().protocol(),
            "seed": self.seed,
            "networks": self.count,
            "combined": "side by side",
            "standardized": rule,
            "sha256": self.digest,
        }

    def _fit(self, images: Tensor) -> None:
        chosen = spread(len(images), MOST)
        raw = self.extract(images[chosen]).features
        deviation = raw.std(dim=0)
        self.fitted, self.mean = len(chosen), raw.mean(dim=0)
        self.std = torch.where(
            deviation > NEGLIGIBLE * deviation.max(), deviation, torch.ones_like(deviation)
        )

    def _look(self, batch: Tensor) -> tuple[Tensor, None]:
        images = scaled(batch)
        raw = torch.cat([network(images) for network in self.networks], dim=1).cpu().double()  # [B, D]
        return (raw - self.mean) / self.std, None

    def _digest(self, data: ExtractorData) -> str:
        """Return a hash of the weights and of what the standardization is fitted to."""
        weights = {
            f"{index}.{name}": value
            for index, network in enumerate(self.networks)
            for name, value in network.state_dict().items()
        }
        sources = {"weights": digest_tensors(weights), "data": data.fingerprint, "slope": SLOPE, "grid": GRID}
        return digest_plain(sources)


def random_network(shape: tuple[int, ...], seed: int, index: int) -> nn.Sequential:
    """Return 3x3 convolutions of stride 2 down to 4 pixels, He-normal, then averages over a 2x2 grid.

    Args:
        shape: `(C, H, W)` of the images.
        seed: of the weights.
        index: which of the networks with that seed.
    """
    side = math.log2(max(shape[1:]))
    depth = max(1, min(2, math.floor(side) - 1), math.ceil(side) - 2)
    widths = [shape[0], *(WIDTHS[min(layer, len(WIDTHS) - 1)] for layer in range(depth - 1)), READ]
    layers: list[nn.Module] = []
    for layer, (before, after) in enumerate(pairwise(widths)):
        with torch.random.fork_rng(devices=[]):  # the layer draws weights of its own, which are replaced
            convolution = nn.Conv2d(before, after, 3, 2, 1, bias=False)
        source = Draws(seed).generator("random convolutions", index, layer)
        with torch.no_grad():
            convolution.weight.copy_(torch.randn(after, before, 3, 3, generator=source))
            convolution.weight.mul_(math.sqrt(2.0 / (9 * before)))
        layers += [convolution, nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(GRID), nn.Flatten())
