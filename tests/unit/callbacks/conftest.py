"""A small run that observers can look at: real tensors, a live generator with batch norm, no average."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from gan_zoo.data.base import Dataset, Samples
from gan_zoo.draws import Draws
from gan_zoo.game.window import Window
from gan_zoo.networks.base import Generator
from gan_zoo.recipe import Recipe
from gan_zoo.types import DataSpec, Stage

BATCH = 50


class TinyGenerator(Generator):
    """A linear map with batch norm, whose running statistics show whether somebody ran it in train mode."""

    def __init__(self, shape: tuple[int, ...], classes: int = 0) -> None:
        super().__init__(Recipe("generator"), shape, 4, classes)
        self.linear, self.norm = nn.Linear(4, int(torch.tensor(shape).prod())), nn.BatchNorm1d(4)
        self.seen: list[Tensor | None] = []

    def forward(self, latents: Tensor, labels: Tensor | None = None, **condition: Any) -> Tensor:
        self.seen.append(labels)
        samples = torch.tanh(self.linear(self.norm(latents))).unflatten(1, self.shape)
        return (
            samples[..., :: condition.get("stride", 1), :: condition.get("stride", 1)]
            if condition
            else samples
        )


class TinyGame:
    """Counts images and remembers losses, as `Game` does."""

    def __init__(self, spec: DataSpec, total_images: int) -> None:
        self.spec, self.total_images, self.images = spec, total_images, 0
        self.networks = {
            "generator": TinyGenerator(spec.shape, spec.classes),
            "discriminator": nn.Linear(2, 1),
        }
        self.draws, self.window = Draws(7), Window()
        self.stage: Stage | None = None
        self.stride = 0

    @property
    def steps(self) -> dict[str, int]:
        return {"generator": self.images // BATCH, "discriminator": self.images // BATCH}

    def averaged_generator(self) -> Generator:
        return self.networks["generator"]

    def condition(self) -> dict[str, Any]:
        return {"stride": self.stride} if self.stride else {}

    def state_dict(self) -> dict[str, Any]:
        return {"networks": {name: network.state_dict() for name, network in self.networks.items()}}


class TinyModule(pl.LightningModule):
    """Trains the generator a little, drawing from torch's global generator so that disturbing it shows."""

    def __init__(self, game: TinyGame, dataset: Dataset, run_dir: Path) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.game, self.dataset, self.run_dir = game, dataset, run_dir
        self.config, self.command = {"model": {"name": "tiny"}, "seed": 7}, "python train.py model=tiny"
        self.players = nn.ModuleDict(game.networks)
        self.fails_at: tuple[int, BaseException] | None = None

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.players.parameters(), lr=0.1)

    def training_step(self, batch: Any, batch_idx: int) -> None:
        if self.fails_at is not None and batch_idx == self.fails_at[0]:
            raise self.fails_at[1]
        self.play()

    def play(self) -> None:
        generator = self.players["generator"]
        loss = generator(torch.randn(BATCH, 4)).square().mean()
        loss.backward()
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.sub_(0.1 * parameter.grad)
                parameter.grad = None
        self.game.images += BATCH
        self.game.window.add("generator/js", loss)
        self.game.window.add("discriminator/js", 2.0 * loss)


def make_module(
    run_dir: Path, shape: tuple[int, ...] = (1, 8, 8), classes: int = 0, total: int = 1000
) -> TinyModule:
    """Build the small run with its data."""
    torch.manual_seed(0)
    spec = DataSpec(
        "tiny", shape, classes, tuple(f"kind {i}" for i in range(classes)), 2.0 if len(shape) == 1 else 1.0
    )
    source = torch.Generator().manual_seed(1)
    values = torch.randint(0, 256, (40, *shape), generator=source, dtype=torch.uint8)
    if len(shape) == 1:
        values = torch.randn(40, *shape, generator=source)
    samples = Samples(values, torch.arange(40) % classes if classes else None)
    return TinyModule(
        TinyGame(spec, total), Dataset(spec, samples, samples, "f" * 64, ("broken.png",)), run_dir
    )


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back signal handlers, which a run that a test leaves unfinished keeps."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def module(tmp_path: Path) -> TinyModule:
    return make_module(tmp_path)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., TinyModule]:
    return lambda **options: make_module(tmp_path, **options)


@pytest.fixture
def trainer() -> Any:
    """The few attributes of a trainer that observers look at."""
    return SimpleNamespace(is_global_zero=True, loggers=[], callbacks=[], precision="32-true")


@pytest.fixture
def run() -> Callable[..., None]:
    """Drive callbacks through a run as Lightning would, one batch at a time."""

    def drive(
        trainer: Any, module: TinyModule, *callbacks: pl.Callback, batches: int = 20, finish: bool = True
    ) -> None:
        trainer.callbacks = list(callbacks)
        for callback in callbacks:
            callback.on_train_start(trainer, module)
        for index in range(batches):
            for callback in callbacks:
                callback.on_train_batch_start(trainer, module, None, index)
            module.play()
            for callback in callbacks:
                callback.on_train_batch_end(trainer, module, None, None, index)
        if finish:
            for callback in callbacks:
                callback.on_train_end(trainer, module)

    return drive
