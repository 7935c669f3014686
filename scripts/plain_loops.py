"""Two hand-written training loops over copies of a run's networks, to time our step against.

- careful: the same tricks and precision as ours (channels last, fused Adam, frozen opponent, no graph of G in
  D's turn, averaged generator, images in memory as uint8).
- popular: the loop as most repositories write it (float32, contiguous, default Adam, D's weight gradients
  computed in G's turn, float images from a DataLoader, `.item()` each step), whatever precision ours has.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from gan_zoo.module import GANModule
from gan_zoo.networks.base import Generator


class Plain:
    """What both hand-written loops share: copies of the networks, the loss, the step."""

    def __init__(self, module: GANModule) -> None:
        game = module.game
        self.loss = module.config["loss"]["name"]
        self.batch = game.batch_size_at(0)
        generator: Generator = game.networks["generator"]  # type: ignore[assignment]
        self.generator = copy.deepcopy(generator)
        self.discriminator = copy.deepcopy(game.networks["discriminator"])
        self.condition = game.condition()
        optimizer = module.config["optimizer"]
        self.options = {"lr": optimizer["lr"], "betas": tuple(optimizer["betas"])}
        self.precision = module.config["trainer"]["precision"]
        self.values, self.scale = module.dataset.train.values, module.dataset.spec.scale

    def latents(self) -> Tensor:
        """Draw a batch of latents."""
        return torch.randn(self.batch, self.generator.latent_dim)

    def fake(self, latents: Tensor) -> Tensor:
        """Run G."""
        return self.generator(latents, None, **self.condition)

    def score(self, samples: Tensor) -> Tensor:
        """Run D."""
        return self.discriminator(samples, None, **self.condition).score.float()

    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return D's loss of the case."""
        scores = self.score(real), self.score(fake)
        if self.loss == "hinge":
            return F.relu(1.0 - scores[0]).mean() + F.relu(1.0 + scores[1]).mean()
        if self.loss == "js":
            return F.softplus(-scores[0]).mean() + F.softplus(scores[1]).mean()
        u = torch.rand(len(real), 1, 1, 1)
        between = torch.lerp(real, fake.float(), u).requires_grad_()
        with torch.autocast("cpu", enabled=False):
            (slope,) = torch.autograd.grad(self.score(between).sum(), between, create_graph=True)
        penalty = (slope.flatten(1).norm(dim=1) - 1.0).square().mean()
        return scores[1].mean() - scores[0].mean() + 10.0 * penalty

    def reals(self) -> Iterator[Tensor]:
        """Yield batches of reals without end."""
        raise NotImplementedError

    def step(self, real: Tensor) -> None:
        """Take one step of each player."""
        raise NotImplementedError

    def generator_loss(self, fake: Tensor) -> Tensor:
        """Return G's loss of the case."""
        score = self.score(fake)
        return F.softplus(-score).mean() if self.loss == "js" else -score.mean()


class Careful(Plain):
    """The loop of somebody who knows all the tricks."""

    def __init__(self, module: GANModule) -> None:
        super().__init__(module)
        if self.values.dim() == 4:
            self.generator.to(memory_format=torch.channels_last)
            self.discriminator.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator)
        self.averages: list[Tensor] = list(self.average.parameters())
        self.weights: list[Tensor] = list(self.generator.parameters())
        self.opt_g = torch.optim.Adam(self.generator.parameters(), **self.options, fused=True)
        self.opt_d = torch.optim.Adam(self.discriminator.parameters(), **self.options, fused=True)

    def reals(self) -> Iterator[Tensor]:
        """Yield batches by indexing the whole tensor."""
        while True:
            order = torch.randperm(len(self.values))
            for rows in order.split(self.batch)[: len(order) // self.batch]:
                picked = self.values[rows]
                yield picked.float() / 127.5 - 1.0 if picked.dtype == torch.uint8 else picked / self.scale

    def step(self, real: Tensor) -> None:
        """Take one step of each player."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16-mixed"):
            with torch.no_grad():
                fake = self.fake(self.latents())
            loss = self.discriminator_loss(real, fake)
        self.opt_d.zero_grad()
        loss.backward()
        self.opt_d.step()
        self.discriminator.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16-mixed"):
            loss = self.generator_loss(self.fake(self.latents()))
        self.opt_g.zero_grad()
        loss.backward()
        self.opt_g.step()
        self.discriminator.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(self.averages, self.weights, 0.01)


class Popular(Plain):
    """The loop as most repositories write it."""

    def __init__(self, module: GANModule) -> None:
        super().__init__(module)
        self.opt_g = torch.optim.Adam(self.generator.parameters(), **self.options)
        self.opt_d = torch.optim.Adam(self.discriminator.parameters(), **self.options)
        self.logged: list[float] = []

    def reals(self) -> Iterator[Tensor]:
        """Yield batches from a DataLoader over float images."""
        is_bytes = self.values.dtype == torch.uint8
        values = self.values.float() / 127.5 - 1.0 if is_bytes else self.values / self.scale
        while True:
            for (batch,) in DataLoader(TensorDataset(values), self.batch, shuffle=True, drop_last=True):
                yield batch

    def step(self, real: Tensor) -> None:
        """Take one step of each player."""
        fake = self.fake(self.latents())
        self.opt_d.zero_grad()
        d_loss = self.discriminator_loss(real, fake.detach())
        d_loss.backward()
        self.opt_d.step()
        self.opt_g.zero_grad()
        g_loss = self.generator_loss(self.fake(self.latents()))
        g_loss.backward()
        self.opt_g.step()
        self.logged += [d_loss.item(), g_loss.item()]
