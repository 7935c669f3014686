"""Time our training step, Lightning included, against plain PyTorch loops over the very same networks.

`python scripts/benchmark_step.py [case ...] [--precision 32-true|bf16-mixed] [--steps N] [--rounds N] [--threads N]`

The three loops take turns in one process, and each figure is the ratio of medians over the rounds:

- careful: a hand-written loop with the same tricks and precision (channels last, fused Adam, frozen opponent, no graph
  of G in D's turn, averaged generator, images in memory as uint8).
- popular: the loop as most repositories write it (float32, contiguous, default Adam, D's weight gradients computed in
  G's turn, float images from a DataLoader, `.item()` each step), whatever precision ours has.

A ratio above 1 means that ours is faster.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from gan_zoo.assemble.train import _quiet, build_loader, build_trainer, prepare
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.module import GANModule

CASES: dict[str, list[str]] = {
    "dcgan": ["model=dcgan", "loss=js", "data=digits", "data.size=64", "batch_size=64"]
    + [f"model.{player}.width=64" for player in ("generator", "discriminator")],
    "resnet": ["model=resnet", "loss=hinge", "data=digits", "batch_size=64", "turns.critic_steps=1"]
    + [f"model.{player}.width=64" for player in ("generator", "discriminator")],
    "pggan": [
        "model=pggan",
        "loss=wgangp",
        "data=digits",
        "model.growth.start_resolution=32",
        "batch_size=16",
    ]
    + [
        f"model.{player}.fmap_{key}"
        for player in ("generator", "discriminator")
        for key in ("base=512", "max=64")
    ]
    + ["model.growth.batch_size={32:16}"],
    "mlp": ["model=mlp", "loss=js", "data=ring", "batch_size=64", "turns.critic_steps=1"],
}
WARM_UP = 3


def main() -> None:
    """Parse the command line, time each case and print one line per loop."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", default=[], help=f"of {', '.join(CASES)}; all by default")
    parser.add_argument("--precision", default="32-true", choices=("32-true", "bf16-mixed"))
    parser.add_argument(
        "--steps", type=int, default=0, help="timed steps per round; 0 chooses by the step's length"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    unknown = [case for case in options.cases if case not in CASES]
    if unknown:
        parser.error(f"unknown case {unknown[0]}; known: {', '.join(CASES)}")
    torch.set_num_threads(options.threads)
    print(
        f"torch {torch.__version__}, {options.threads} threads, {options.precision}, {options.rounds} rounds"
    )
    for case in options.cases or CASES:
        report(case, options)


def report(case: str, options: argparse.Namespace) -> None:
    """Time one case and print step times with their spread over the rounds, and the ratios."""
    steps = options.steps or (400 if case == "mlp" else 12)
    module = build(case, options.precision, steps + WARM_UP)
    loops = {
        "ours": lambda: time_ours(copy.deepcopy(module), steps),
        "careful": lambda: time_plain(module, steps, Careful),
        "popular": lambda: time_plain(module, steps, Popular),
    }
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(options.rounds):
        for name, loop in loops.items():
            seconds[name].append(loop())
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, values in seconds.items():
        spread = f"{min(values) * 1e3:.2f} to {max(values) * 1e3:.2f}"
        ratio = "" if name == "ours" else f", ours is x{medians[name] / medians['ours']:.2f}"
        print(f"{case:<7} {name:<8} {medians[name] * 1e3:8.2f} ms per step ({spread}){ratio}", flush=True)
    if case == "mlp":
        print(
            f"mlp     overhead over the careful loop: {(medians['ours'] - medians['careful']) * 1e3:.2f} ms per step"
        )


def build(case: str, precision: str, steps: int) -> GANModule:
    """Build the case as `train.py` would, with nothing but the step."""
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        composed = compose(
            "train", [*CASES[case], f"trainer.precision={precision}", "run_dir=unused", "trainer=cpu"]
        )
    config = RunConfig.from_hydra(composed, run_dir="unused")
    module, _, _, _ = prepare(config, "benchmark")
    module.config = {**module.config, "steps": steps}
    _quiet()
    return module


class Clock(pl.Callback):
    """Takes the time from after the warm-up batches to the end."""

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Start after the warm-up."""
        if batch_idx == WARM_UP:
            self.start = time.perf_counter()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop."""
        self.seconds = time.perf_counter() - self.start


def time_ours(module: GANModule, steps: int) -> float:
    """Return seconds per step of `Trainer.fit` on a copy of the module."""
    game = module.game
    rules = game.rules
    object.__setattr__(rules, "total_images", (steps + WARM_UP) * game.batch_size_at(0))
    loader = build_loader(module.config, module.dataset, game)
    clock = Clock()
    trainer = build_trainer(module.config, [clock], [])
    trainer.fit(module, loader)
    return clock.seconds / steps


class Plain:
    """What both hand-written loops share: copies of the networks, the loss, the step."""

    def __init__(self, module: GANModule) -> None:
        game = module.game
        self.loss = module.config["loss"]["name"]
        self.batch = game.batch_size_at(0)
        self.generator = copy.deepcopy(game.networks["generator"])
        self.discriminator = copy.deepcopy(game.networks["discriminator"])
        self.condition = game.condition()
        self.options = {
            "lr": module.config["optimizer"]["lr"],
            "betas": tuple(module.config["optimizer"]["betas"]),
        }
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
        self.pairs = list(self.average.parameters()), list(self.generator.parameters())
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
            torch._foreach_lerp_(*self.pairs, 0.01)


class Popular(Plain):
    """The loop as most repositories write it."""

    def __init__(self, module: GANModule) -> None:
        super().__init__(module)
        self.opt_g = torch.optim.Adam(self.generator.parameters(), **self.options)
        self.opt_d = torch.optim.Adam(self.discriminator.parameters(), **self.options)
        self.logged: list[float] = []

    def reals(self) -> Iterator[Tensor]:
        """Yield batches from a DataLoader over float images."""
        values = (
            self.values.float() / 127.5 - 1.0
            if self.values.dtype == torch.uint8
            else self.values / self.scale
        )
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


def time_plain(module: GANModule, steps: int, kind: Callable[[GANModule], Any]) -> float:
    """Return seconds per step of a hand-written loop on copies of the networks."""
    loop = kind(module)
    reals = loop.reals()
    for _ in range(WARM_UP):
        loop.step(next(reals))
    start = time.perf_counter()
    for _ in range(steps):
        loop.step(next(reals))
    return (time.perf_counter() - start) / steps


if __name__ == "__main__":
    main()
