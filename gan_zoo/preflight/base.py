"""What a check looks at and what it says, and the run over all checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from gan_zoo.errors import UserError
from gan_zoo.game.game import Game
from gan_zoo.losses.base import AdversarialLoss
from gan_zoo.networks.base import Generator, draw_latents
from gan_zoo.regularizers.base import Regularizer
from gan_zoo.types import DISCRIMINATOR, GENERATOR, CriticOutput


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say; an error stops the run."""

    message: str
    is_error: bool = True


@dataclass(frozen=True)
class Subject:
    """What the checks look at."""

    game: Game
    loss: AdversarialLoss
    loss_name: str
    regularizers: Mapping[str, Regularizer]
    train_images: int
    optimizer: Mapping[str, Any]
    output: CriticOutput

    @property
    def discriminator(self) -> nn.Module:
        """D as it was built."""
        return self.game.networks[DISCRIMINATOR]

    @property
    def penalties(self) -> list[str]:
        """Names of the terms that differentiate D by its input."""
        return [name for name, regularizer in self.regularizers.items() if regularizer.input_gradient]

    def has(self, stabilizer: str) -> bool:
        """Say whether the named stabilizer is active."""
        return stabilizer in self.game.stabilizers


Check = Callable[[Subject], Iterator[Finding]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Add a check to the list that every run goes through."""
    CHECKS.append(function)
    return function


def preflight(subject: Subject) -> list[str]:
    """Run every check and return the warnings.

    Raises:
        UserError: with all the errors together.
    """
    findings = [finding for one in CHECKS for finding in one(subject)]
    errors = [finding.message for finding in findings if finding.is_error]
    if errors:
        raise UserError("\n".join(errors))
    return [finding.message for finding in findings]


@torch.no_grad()
def dry_run(game: Game) -> CriticOutput:
    """Send two packs of fakes through both networks in eval mode on the CPU.

    Returns:
        What D says of them.

    Raises:
        UserError: if the generator's samples have another shape than the data.
    """
    generator: Generator = game.networks[GENERATOR]  # type: ignore[assignment]
    discriminator = game.networks[DISCRIMINATOR]
    generator.eval()
    discriminator.eval()
    packs = game.packs
    latents = draw_latents(
        game.draws, 2 * packs, generator.latent_dim, "dry run", prior=generator.latent_prior
    )
    labels = torch.zeros(2 * packs, dtype=torch.int64) if generator.classes else None
    fake = generator(latents, labels)
    if tuple(fake.shape[1:]) != game.spec.shape:
        raise UserError(
            f"The generator makes samples of shape {tuple(fake.shape[1:])}, the data '{game.spec.name}' have "
            f"{game.spec.shape}. Choose a size that the network can make, such as data.size=32, or another "
            f"model."
        )
    seen = fake.reshape(2, packs * fake.shape[1], *fake.shape[2:])
    output = discriminator(seen, labels[::packs] if labels is not None else None)
    generator.train()
    discriminator.train()
    return output


def modules(network: nn.Module, kind: type | tuple[type, ...]) -> list[str]:
    """Return the names of a network's modules of some kind."""
    return [name for name, module in network.named_modules() if isinstance(module, kind)]


def parametrized(network: nn.Module, kind: type) -> list[str]:
    """Return the names of the layers whose weight goes through a parametrization of exactly this kind."""
    found = []
    for name, module in network.named_modules():
        if parametrize.is_parametrized(module, "weight"):
            kinds = [type(p) for p in module.parametrizations.weight]  # type: ignore[union-attr]
            if any(k is kind for k in kinds):
                found.append(name)
    return found
