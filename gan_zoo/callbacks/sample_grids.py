"""Pictures of what the averaged generator makes of fixed latents, and once of the real data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytorch_lightning as pl
import torch
from PIL import Image
from torch import Tensor

from gan_zoo import pictures
from gan_zoo.callbacks.checkpoints import image_name
from gan_zoo.callbacks.loggers import log_picture, log_pictures, shows_pictures
from gan_zoo.callbacks.observer import Every, Interval, Observer, as_images, checked, evaluating
from gan_zoo.callbacks.wandb_media import grid_key
from gan_zoo.checkpoint import write_bytes
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.networks.base import Generator, draw_latents
from gan_zoo.types import GENERATOR

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

CELLS = 8  # rows and columns of a grid, unless images are large
MOST_ROWS = 10  # classes that get a row; of more, some spread over all are shown
MOST_PIXELS = 2048  # height and width that an automatic layout stays within
BATCH = 64


class SampleGrids(Observer):
    """Draws images as a grid (one row per class where there are classes), and vectors as points in a plane.

    Args:
        every_kimg: between two pictures; `auto` makes ten per run. The first and the last are always made.
        rows: rows of the grid; `auto` is 8, or one per class.
        columns: columns of the grid; `auto` is 8, fewer for large images.
        points: generated and real points of a plane.

    Raises:
        UserError: if a number is out of range.
    """

    def __init__(
        self, every_kimg: Interval = "auto", rows: int | str = "auto", columns: int | str = "auto",
        points: int = 1000,
    ) -> None:  # fmt: skip
        self.every_kimg = checked(every_kimg)
        for name, value in (("rows", rows), ("columns", columns), ("points", points)):
            whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
            if not whole and (value != "auto" or name == "points"):
                raise UserError(f"sample_grids: {name}={value!r}; give a whole number of at least 1.")
        self.rows, self.columns, self.points = rows, columns, points
        self._waiting: dict[Path, bytes] = {}

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Choose the latents of the whole run."""
        game = module.game
        self._due = Every(as_images(self.every_kimg, game.total_images, 10), game.images)
        self._drawn_at: int | None = None
        generator, draws = cast(Generator, game.networks[GENERATOR]), Draws(game.draws.seed)
        self._class_rows = self._classes_shown(generator.classes)
        self._columns = self._fitting(self.columns, game.spec.shape)
        rows = len(self._class_rows) or self._fitting(self.rows, game.spec.shape)
        count = rows * self._columns if game.spec.is_image else self.points
        # One latent per column where rows are classes: what differs within a column is what the label does.
        drawn = self._columns if game.spec.is_image and self._class_rows else count
        width, prior = generator.latent_dim, generator.latent_prior
        latents = draw_latents(draws, drawn, width, "fixed_latents", prior=prior)
        self._latents = latents.repeat(count // drawn, 1)
        self._labels = self._fixed_labels(generator.classes, count, game.spec.is_image)
        self._count = count

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Draw the real data and the untrained generator."""
        game, folder = module.game, module.run_dir / "samples"
        if not (folder / "real.png").exists():
            write_bytes(folder / "real.png", pictures.png(self._real(module, self._count)))
        _log_file(trainer, "samples/real", folder / "real.png", game.images, "real data")
        first = folder / f"{image_name(game.images)}.png"
        if first.exists():  # of a process that was killed, or gave up what came after it
            _log_file(trainer, grid_key(game.spec.is_image), first, game.images, _moment(module))
        else:
            self.draw(trainer, module)

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Draw when an interval was crossed."""
        if self._due(module.game.images):
            self.draw(trainer, module)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Draw the end of the run, unless that was just done, and write what the disk has refused."""
        if self._drawn_at != module.game.images:
            self.draw(trainer, module)
        self._write()

    def state_dict(self) -> dict[str, Any]:
        """Return at which image count the last picture was drawn."""
        return {"drawn_at": self._drawn_at}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over when the last picture was drawn."""
        self._drawn_at = state_dict["drawn_at"]

    def draw(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write the picture of this moment, and the same as `latest.png`."""
        game, images = module.game, module.game.images
        samples = self._generate(module)
        if game.spec.is_image:
            picture = pictures.grid(samples, self._columns, self._row_names(game.spec.class_names))
        else:
            picture = self._plane(module, samples * game.spec.scale, f"{images / 1000:.1f} kimg")
        content = pictures.png(picture)
        self._log(trainer, module, picture, samples)
        self._drawn_at = images
        for name in (image_name(images), "latest"):
            self._waiting[module.run_dir / "samples" / f"{name}.png"] = content
        self._write()

    def _log(self, trainer: pl.Trainer, module: GANModule, picture: Image.Image, samples: Tensor) -> None:
        """Show the picture, its rows by class, and in networks that grow one picture per resolution."""
        game, text = module.game, _moment(module)
        log_picture(trainer, grid_key(game.spec.is_image), picture, game.images, text)
        if not (game.spec.is_image and shows_pictures(trainer)):
            return
        if game.stage is not None:
            log_picture(trainer, f"samples/stage_{samples.shape[2]}px", picture, game.images, text)
        if self._class_rows:
            names = self._row_names(game.spec.class_names)
            rows = [pictures.grid(row, self._columns) for row in samples.split(self._columns)]
            captions = [f"{name}, {text}" for name in names]
            log_pictures(trainer, "samples/classes", zip(rows, captions, strict=True), game.images)

    def _write(self) -> None:
        """Write the pictures that wait for it; those that the disk refuses go on waiting.

        Raises:
            OSError: if the disk refuses.
        """
        for path in list(self._waiting):
            write_bytes(path, self._waiting[path])
            del self._waiting[path]

    @torch.no_grad()
    def _generate(self, module: GANModule) -> Tensor:
        """Return samples of the fixed latents on the CPU, `[N, C, H, W]` or `[N, D]`."""
        generator, condition = module.game.averaged_generator(), module.game.condition()
        device = next(generator.parameters()).device
        made = []
        with evaluating(generator), module.game.draws.at("samples", module.game.images):
            for start in range(0, len(self._latents), BATCH):
                rows = slice(start, start + BATCH)
                labels = None if self._labels is None else self._labels[rows].to(device)
                # Eager, not compiled: what looks must not trigger a compilation.
                samples = generator.forward(self._latents[rows].to(device), labels, **condition)
                made.append(samples.float().cpu())
        return torch.cat(made)

    # The layout ------------------------------------------------------------------------------------------

    def _fitting(self, cells: int | str, shape: tuple[int, ...]) -> int:
        if cells != "auto":
            return int(cells)
        size = max(pictures.CELL, *shape[1:]) if len(shape) == 3 else pictures.CELL
        return max(2, min(CELLS, MOST_PIXELS // size))

    def _classes_shown(self, classes: int) -> list[int]:
        """Return the class of each row, spread over all where there are too many; empty without classes."""
        most = MOST_ROWS if self.rows == "auto" else int(self.rows)
        rows = min(classes, most) if self.rows == "auto" else (most if classes else 0)
        if rows <= 1 or rows > classes:
            return [row % classes for row in range(rows)]
        return [round(row * (classes - 1) / (rows - 1)) for row in range(rows)]

    def _fixed_labels(self, classes: int, count: int, is_image: bool) -> Tensor | None:
        if not classes:
            return None
        if is_image:
            return torch.tensor(self._class_rows).repeat_interleave(self._columns)
        return torch.arange(count) % classes

    def _row_names(self, class_names: tuple[str, ...]) -> list[str]:
        return [class_names[index] if class_names else str(index) for index in self._class_rows]

    # The real data ---------------------------------------------------------------------------------------

    def _real(self, module: GANModule, count: int) -> Image.Image:
        if not module.game.spec.is_image:
            return self._plane(module, None, "real data")
        train, draws = module.dataset.train, Draws(module.game.draws.seed)
        if not self._class_rows or train.labels is None:
            real = train.values[_choose(torch.arange(len(train)), count, draws)]
            return pictures.grid(real, self._columns)
        empty = torch.zeros(self._columns, *train.values.shape[1:], dtype=torch.uint8)
        rows = [empty] * len(self._class_rows)
        for row, label in enumerate(self._class_rows):
            members = (train.labels == label).nonzero()[:, 0]
            if len(members):  # a class without images stays black
                rows[row] = train.values[_choose(members, self._columns, draws)]
        return pictures.grid(torch.cat(rows), self._columns, self._row_names(module.game.spec.class_names))

    def _plane(self, module: GANModule, generated: Tensor | None, title: str) -> Image.Image:
        values = module.dataset.train.values
        chosen = _choose(torch.arange(len(values)), self.points, Draws(module.game.draws.seed))
        return pictures.scatter(values[chosen], generated, f"{module.game.spec.name}, {title}")


def _moment(module: GANModule) -> str:
    """Return when a picture was drawn, as its caption says it."""
    game = module.game
    stage = "" if game.stage is None else f", level {game.stage.level}, fade {game.stage.fade:.2f}"
    return f"{game.images / 1000:.1f} kimg{stage}"


def _log_file(trainer: pl.Trainer, name: str, path: Path, images: int, caption: str) -> None:
    """Show a picture that lies on the disk."""
    if shows_pictures(trainer):
        with Image.open(path) as picture:
            log_picture(trainer, name, picture.convert("RGB"), images, caption)


def _choose(candidates: Tensor, count: int, draws: Draws) -> Tensor:
    """Choose `count` of the candidates, each once if there are enough; the same at every call."""
    order = torch.randperm(len(candidates), generator=draws.generator("fixed_reals"))
    return candidates[order[torch.arange(count) % len(candidates)]]
