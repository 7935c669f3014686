"""Time our training step, Lightning included, against plain PyTorch loops over the very same networks.

`python scripts/benchmark_step.py [case ...] [--precision bf16-mixed] [--steps N] [--rounds N] [--threads N]`

The three loops, ours and the two of `plain_loops.py`, take turns in one process, and each figure is the ratio
of medians over the rounds. A ratio above 1 means that ours is faster.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from dataclasses import replace
from typing import Any

import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir

from gan_zoo.assemble.prepare import build_loader, prepare
from gan_zoo.assemble.train import _quiet, build_trainer
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.module import GANModule
from plain_loops import Careful, Plain, Popular

CASES: dict[str, list[str]] = {
    "dcgan": ["model=dcgan", "loss=js", "data=digits", "data.size=64", "batch_size=64"]
    + [f"model.{player}.width=64" for player in ("generator", "discriminator")],
    "resnet": ["model=resnet", "loss=hinge", "data=digits", "batch_size=64", "turns.critic_steps=1"]
    + [f"model.{player}.width=64" for player in ("generator", "discriminator")],
    "pggan": ["model=pggan", "loss=wgangp", "data=digits", "batch_size=16"]
    + ["model.growth.start_resolution=32", "model.growth.batch_size={32:16}"]
    + [f"model.{player}.fmap_base=512" for player in ("generator", "discriminator")]
    + [f"model.{player}.fmap_max=64" for player in ("generator", "discriminator")],
    "mlp": ["model=mlp", "loss=js", "data=ring", "batch_size=64", "turns.critic_steps=1"],
}
WARM_UP = 3


def main() -> None:
    """Parse the command line, time each case and print one line per loop."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("cases", nargs="*", default=[], help=f"of {', '.join(CASES)}; all by default")
    parser.add_argument("--precision", default="32-true", choices=("32-true", "bf16-mixed"))
    parser.add_argument("--steps", type=int, default=0, help="timed per round; 0 chooses by their length")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    unknown = [case for case in options.cases if case not in CASES]
    if unknown:
        parser.error(f"unknown case {unknown[0]}; known: {', '.join(CASES)}")
    torch.set_num_threads(options.threads)
    settings = f"{options.threads} threads, {options.precision}, {options.rounds} rounds"
    print(f"torch {torch.__version__}, {settings}")
    for case in options.cases or CASES:
        report(case, options)


def report(case: str, options: argparse.Namespace) -> None:
    """Time one case and print step times with their spread over the rounds, and the ratios."""
    steps = options.steps or (400 if case == "mlp" else 12)
    module = build(case, options.precision)
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
        overhead = (medians["ours"] - medians["careful"]) * 1e3
        print(f"mlp     overhead over the careful loop: {overhead:.2f} ms per step")


def build(case: str, precision: str) -> GANModule:
    """Build the case as `train.py` would, with nothing but the step."""
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        machine = ["trainer=cpu", f"trainer.precision={precision}", "run_dir=unused"]
        composed = compose("train", words := [*CASES[case], *machine])
    config = RunConfig.from_hydra(composed, words, run_dir="unused")
    module, _, _, _ = prepare(config, "benchmark")
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
    game.rules = replace(game.rules, total_images=(steps + WARM_UP) * game.batch_size_at(0))
    loader = build_loader(module.config, module.dataset, game)
    clock = Clock()
    trainer = build_trainer(module.config, [clock], [])
    trainer.fit(module, loader)
    return clock.seconds / steps


def time_plain(module: GANModule, steps: int, kind: type[Plain]) -> float:
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
