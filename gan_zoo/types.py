"""The shared vocabulary: what a data set declares, what a critic returns, where growth stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from torch import Tensor

PlayerName = Literal["generator", "discriminator"]
GENERATOR: PlayerName = "generator"
DISCRIMINATOR: PlayerName = "discriminator"
ScoreKind = Literal["logit", "critic", "energy", "simplex", "probability"]


@dataclass(frozen=True)
class DataSpec:
    """What networks and checks need to know of a data set.

    Attributes:
        name: the registry name of the data set.
        shape: shape of one sample as the networks see it, `(C, H, W)` for images, `(D,)` for vectors.
        classes: number of classes, 0 without labels.
        class_names: one name per class, or empty.
        scale: networks see `sample / scale`; images have scale 1 and pixels in [-1, 1].
    """

    name: str
    shape: tuple[int, ...]
    classes: int = 0
    class_names: tuple[str, ...] = ()
    scale: float = 1.0

    @property
    def is_image(self) -> bool:
        """Whether samples are images `[C, H, W]` rather than vectors `[D]`."""
        return len(self.shape) == 3


@dataclass
class CriticOutput:
    """What a discriminator returns for a batch of B samples (or packs).

    Attributes:
        score: `[B]`, high for real (unless the network's `score_kind` is `energy`).
        features: hidden layers by name, first to last.
        heads: further outputs, such as `classes` with logits `[B, classes]`.
    """

    score: Tensor
    features: dict[str, Tensor] = field(default_factory=dict)
    heads: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """Where progressive growing stands.

    Attributes:
        level: index of the active resolution, 0 is the first one.
        fade: weight of the new path in [0, 1]; 1 when the level is fully faded in.
    """

    level: int
    fade: float


class Quantities(Protocol):
    """What a term of a loss sees: named quantities of one player's turn, computed when first asked for.

    Names: `real` and `fake` (samples), `latents`, `labels` and `fake_labels` ([B] int64 or None),
    `real_output` and `fake_output` (`CriticOutput`), `real_score` and `fake_score` ([B], float32).
    With `packing` of m, samples and labels have m*B rows, and what D returns has B.
    """

    kimg: float
    packs: int  # how many samples D judges together: m, 1 without packing

    def __getitem__(self, name: str) -> Any:
        """Return the named quantity."""
        ...

    def differentiable(self, name: Literal["real", "fake"]) -> tuple[Tensor, Tensor]:
        """Return (samples that require grad, D's score [B] at them), eager and in float32."""
        ...

    def differentiable_score(self, samples: Tensor, labels: Tensor | None) -> Tensor:
        """Return D's score [B] at any samples, eager and in float32; labels as those of `real`."""
        ...

    def uniform(self, shape: tuple[int, ...], purpose: str) -> Tensor:
        """Draw U[0, 1) for this turn; the same purpose gives the same numbers in every look-ahead step."""
        ...
