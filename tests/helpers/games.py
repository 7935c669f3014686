"""Tiny games whose behavior is known on paper."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

import gan_zoo.losses
import gan_zoo.regularizers
import gan_zoo.stabilizers  # noqa: F401
from gan_zoo.draws import Draws
from gan_zoo.game.clipping import UNBOUNDED, Clipping
from gan_zoo.game.deal import Rules
from gan_zoo.game.game import Game
from gan_zoo.game.player import Player
from gan_zoo.game.strategies import Direct, Unrolled
from gan_zoo.game.terms import loss_terms, regularizer_terms
from gan_zoo.game.turns import CriticSchedule, Programme
from gan_zoo.losses.base import LOSSES
from gan_zoo.networks.base import Discriminator, Generator
from gan_zoo.recipe import Recipe
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.schedule import as_schedule
from gan_zoo.stabilizers.base import Stabilizer
from gan_zoo.systems import Adversarial
from gan_zoo.types import DISCRIMINATOR, GENERATOR, CriticOutput, DataSpec


class DiracGenerator(Generator):
    """G(z) = theta."""

    def __init__(self, theta: float = 1.0) -> None:
        super().__init__(Recipe(GENERATOR), (1,), 1)
        self.theta = nn.Parameter(torch.tensor(theta))

    def forward(self, latents: Tensor, labels: Tensor | None = None, **condition: Any) -> Tensor:
        return self.theta * torch.ones_like(latents)


class DiracDiscriminator(Discriminator):
    """D(x) = psi x."""

    def __init__(self, psi: float = 1.0) -> None:
        super().__init__(Recipe(DISCRIMINATOR), (1,))
        self.psi = nn.Parameter(torch.tensor(psi))

    def forward(self, samples: Tensor, labels: Tensor | None = None, **condition: Any) -> CriticOutput:
        return CriticOutput((self.psi * samples).squeeze(1), {"samples": samples})


class SmallGenerator(Generator):
    """A tanh network from 3 latents to 2 numbers."""

    def __init__(self) -> None:
        super().__init__(Recipe(GENERATOR), (2,), 3)
        self.net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))

    def forward(self, latents: Tensor, labels: Tensor | None = None, **condition: Any) -> Tensor:
        return self.net(latents.to(self.net[0].weight.dtype))


class SmallDiscriminator(Discriminator):
    """A tanh network from `inputs` numbers to a score."""

    def __init__(self, inputs: int = 2) -> None:
        super().__init__(Recipe(DISCRIMINATOR), (inputs,))
        self.net = nn.Sequential(nn.Linear(inputs, 5), nn.Tanh(), nn.Linear(5, 1))

    def forward(self, samples: Tensor, labels: Tensor | None = None, **condition: Any) -> CriticOutput:
        hidden = self.net[1](self.net[0](samples))
        return CriticOutput(self.net[2](hidden).squeeze(1), {"hidden": hidden})


def make_game(
    generator: Generator,
    discriminator: Discriminator,
    loss: str,
    loss_arguments: dict[str, Any] | None = None,
    regularizers: dict[str, dict[str, Any]] | None = None,
    stabilizers: dict[str, Stabilizer] | None = None,
    optimizer: dict[str, Any] | None = None,
    programme: Programme | None = None,
    clipping: Clipping = UNBOUNDED,
    **rules: Any,
) -> Game:
    """Build and start a game from parts, with the regularizers given and none that the loss would bring."""
    built = LOSSES.build(loss, **(loss_arguments or {}))
    further = regularizer_terms({n: REGULARIZERS.build(n, **p) for n, p in (regularizers or {}).items()})
    unrolled = hasattr(built, "steps")
    adversarial = loss_terms(built, unrolled)
    players: dict[Any, Player] = {}
    for name, network in ((DISCRIMINATOR, discriminator), (GENERATOR, generator)):
        strategy: Any = Direct()
        if unrolled and name == GENERATOR:
            known = list((stabilizers or {}).values())
            strategy = Unrolled(players[DISCRIMINATOR], built.steps, built.inner, built.inner_lr, known)
        players[name] = Player(
            name, network, [adversarial[name], *further[name]], strategy,
            optimizer or {"name": "sgd", "lr": 0.1}, as_schedule(1.0), clipping,
        )  # fmt: skip
    rules = {"total_images": 10**9, "batch_size": 4, **rules}
    game = Game(
        DataSpec("test", generator.shape), Adversarial(), players, stabilizers or {},
        programme or Programme(CriticSchedule(1)), Rules(**rules), Draws(0),
    )  # fmt: skip
    game.start()
    return game


def points(
    rows: int, width: int = 2, seed: int = 0, dtype: torch.dtype = torch.float32
) -> dict[str, Tensor | None]:
    """Return a batch of normal points `[rows, width]` without labels."""
    source = torch.Generator().manual_seed(seed)
    return {"samples": torch.randn(rows, width, generator=source, dtype=dtype), "labels": None}


def vector(parameters: Sequence[Tensor]) -> Tensor:
    """Return parameters as one vector."""
    return torch.cat([parameter.detach().flatten() for parameter in parameters])
