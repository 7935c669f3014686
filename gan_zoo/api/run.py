"""A run as a notebook sees it: its numbers, its samples, its report."""

from __future__ import annotations

import base64
import html
import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gan_zoo.errors import UserError
from gan_zoo.run_files import RunFiles, is_run

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from gan_zoo.assemble.load import Trained

MOST = 4096  # samples at once; more belong into a file


class Run(RunFiles):
    """A run in its folder, finished or not; all of it is read when it is asked for, and then once.

    It also has all that `gan_zoo.run_files.RunFiles` reads: `state`, `kimg`, `summary`, `config`,
    `overrides`, `findings`, `evaluation` and `series(name)`.

    Args:
        path: folder of the run.

    Raises:
        UserError: if there is no run.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(Path(path))
        if not is_run(self.path):
            raise UserError(
                f"{self.path} is no run directory: it holds neither started.yaml nor config.yaml. Give the "
                f"folder of a run, such as the one that train.py names at its end."
            )

    def __repr__(self) -> str:
        total = "" if self.kimg_total is None else f" of {self.kimg_total:g}"
        return f"Run({str(self.path)!r}: {self.state} at {self.kimg:.1f}{total} kimg)"

    @cached_property
    def metrics(self) -> dict[str, list[float]]:
        """Every column of `metrics.csv`, row by row; `nan` where a row lacks it.

        `progress/kimg` is among them, and all columns are equally long: `pandas.DataFrame(run.metrics)`.
        """
        rows = self.rows()
        columns = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name, math.nan) for row in rows] for name in columns}

    def samples(
        self, n: int = 64, seed: int = 0, label: int | None = None, truncation: float | None = None
    ) -> Tensor:
        """Draw from the newest checkpoint's generator, averaged where the run averages.

        Args:
            n: how many, from 1 to 4096.
            seed: of the latents.
            label: class of all of them; without it a conditional generator goes through the classes in turn.
            truncation: draw latents from the normal distribution cut at +-`truncation`, or None.

        Returns:
            Images `[n, C, H, W]` in [-1, 1], or vectors `[n, D]` in the units of the data; on the CPU.

        Raises:
            UserError: if there is no checkpoint, or an argument is out of range.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST:
            raise UserError(
                f"n={n!r} samples; give a whole number from 1 to {MOST}. For more type gan-zoo sample "
                f"run={self.path} n={n} format=npy"
            )
        trained = self._trained
        drawn = trained.generator.sample(n, seed, label, truncation)
        return drawn.detach().float().cpu() * trained.spec.scale

    def picture(
        self, n: int = 64, seed: int = 0, label: int | None = None, truncation: float | None = None
    ) -> Image:
        """Draw samples as one picture: a grid of images, or a scatter of points.

        Args:
            n: how many, from 1 to 4096.
            seed: of the latents.
            label: as in `samples`.
            truncation: as in `samples`.

        Raises:
            UserError: as `samples`.
        """
        from gan_zoo.pictures import grid, scatter, to_uint8

        drawn, trained = self.samples(n, seed, label, truncation), self._trained
        if not trained.spec.is_image:
            return scatter(None, drawn, f"{trained.spec.name}, {trained.images / 1000:.1f} kimg")
        return grid(to_uint8(drawn), columns=math.ceil(math.sqrt(n)))

    def report(self) -> Path:
        """Write `report.html` anew, and return where it is.

        Raises:
            UserError: if the run left nothing to report.
        """
        from gan_zoo.report import FILE, write_report

        write_report(self.place)
        return self.path / FILE

    @cached_property
    def _trained(self) -> Trained:
        from gan_zoo.assemble.load import load_trained  # torch only when it is needed

        return load_trained(self.place)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: one line, and the newest picture."""
        line = f"<p>{html.escape(repr(self))}</p>"
        try:
            png = (self.place / "samples" / "latest.png").read_bytes()
        except OSError:
            return line
        source = base64.b64encode(png).decode()
        return f'{line}<img alt="newest samples" src="data:image/png;base64,{source}">'
