"""The configuration of a model: two networks, and what its paper fixes beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gan_zoo.config import checks
from gan_zoo.config.latent_prior import check_latent_prior
from gan_zoo.config.plain import from_plain
from gan_zoo.errors import UserError

LABEL_POLICIES = ("none", "batch", "uniform")


@dataclass(frozen=True)
class GrowthConfig:
    """Progressive growing (Karras et al. 2018, arXiv:1710.10196).

    Attributes:
        start_resolution: width in pixels of the first trained level, a power of two.
        train_kimg: thousands of images at each level after its fade.
        fade_kimg: thousands of images of each fade.
        batch_size: by resolution; a resolution that is not listed takes that of the next smaller one.
    """

    start_resolution: int = 4
    train_kimg: float = 600.0
    fade_kimg: float = 600.0
    batch_size: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start = checks.whole("model.growth.start_resolution", self.start_resolution, 4, 8)
        if start & (start - 1):
            raise checks.refuse("model.growth.start_resolution", start, "a power of two of at least 4", 8)
        checks.number("model.growth.train_kimg", self.train_kimg, 0.0, 600)
        if self.fade_kimg != 0:
            checks.number("model.growth.fade_kimg", self.fade_kimg, 0.0, 600)
        object.__setattr__(self, "batch_size", _by_resolution(self.batch_size))


def _by_resolution(given: Any) -> dict[int, int]:
    key = "model.growth.batch_size"
    if given is None:
        return {}
    try:
        sizes = {int(resolution): size for resolution, size in given.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise checks.refuse(key, given, "batch sizes by resolution", "{4: 64, 32: 16}") from error
    return {level: checks.whole(f"{key}.{level}", size, 1, 16) for level, size in sorted(sizes.items())}


@dataclass(frozen=True)
class ModelConfig:
    """A named GAN.

    Attributes:
        name: what the model is called; equals the name of its YAML file.
        generator: `name` of the architecture, what it changes of its recipe (`normalization`, `activation`,
            `initialization`) and its other parameters.
        discriminator: likewise.
        latent_dim: length of the latent vector.
        latent_prior: `normal` for N(0, 1), `uniform` for U(-1, 1), `signs_K` for K signs and N(0, 1).
        labels: what labels fakes get: `none`, those of the `batch` of reals, or `uniform` draws.
        generator_batch: fakes in the generator's turn for each real of a batch.
        growth: progressive growing, or None.
        regularizer: parts that the model cannot live without.
        stabilizer: likewise.
        preferences: values for `auto`, shaped like the whole configuration: `kimg`, `batch_size`,
            `optimizer`, `turns`.
    """

    name: str
    generator: dict[str, Any]
    discriminator: dict[str, Any]
    latent_dim: int
    latent_prior: str = "normal"
    labels: str = "none"
    generator_batch: int = 1
    growth: GrowthConfig | None = None
    regularizer: dict[str, dict[str, Any]] = field(default_factory=dict)
    stabilizer: dict[str, dict[str, Any]] = field(default_factory=dict)
    preferences: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise UserError(f"model.name={self.name!r} is not a name. Type for example model=dcgan")
        checks.whole("model.latent_dim", self.latent_dim, 1, 128)
        check_latent_prior(self.latent_prior, self.latent_dim)
        checks.choice("model.labels", self.labels, LABEL_POLICIES)
        checks.whole("model.generator_batch", self.generator_batch, 1, 2)
        values = {
            "generator": checks.component("model.generator", self.generator, "{name: dcgan}"),
            "discriminator": checks.component("model.discriminator", self.discriminator, "{name: dcgan}"),
            "growth": None if self.growth is None else from_plain(GrowthConfig, self.growth, "model.growth"),
            "regularizer": checks.components("model.regularizer", self.regularizer, "{r1: {}}"),
            "stabilizer": checks.components("model.stabilizer", self.stabilizer, "{ema: {}}"),
            "preferences": checks.mapping("model.preferences", self.preferences),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
