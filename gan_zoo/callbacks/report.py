"""Writes `report.html` when a run ends, however it ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytorch_lightning as pl
from tqdm import tqdm

from gan_zoo.callbacks.observer import Observer
from gan_zoo.callbacks.signals import preempted_by
from gan_zoo.callbacks.summary import shown

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


class Report(Observer):
    """Writes the report from the files that the other observers have left; it stands after the summary.

    Whatever goes wrong with it is a warning: the run has what it needs without it, and
    `python scripts/report.py DIR` writes the report again.
    """

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write the report, and say where it is."""
        if place := self._write(module):
            print(f"Report:  {place}")  # noqa: T201

    def pause(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Write the report of a run that was asked to end, but not of one that goes on in this process."""
        if preempted_by(trainer.callbacks) is not None:  # type: ignore[attr-defined]
            self._write(module)

    def fail(self, trainer: pl.Trainer, module: GANModule, exception: BaseException) -> None:
        """Write the report of what there is."""
        if place := self._write(module):
            print(f"Report: {place}", file=sys.stderr)  # noqa: T201

    def _write(self, module: GANModule) -> str | None:
        """Return where the report is, or None if it could not be written."""
        try:
            from gan_zoo.report import write_report  # the template engine, only when it is needed
            from gan_zoo.run_files import RunFiles

            return shown(write_report(RunFiles(module.run_dir)))
        except Exception as error:  # noqa: BLE001  (a report is never worth a run)
            tqdm.write(
                f"warning: report.html was not written: {type(error).__name__}: {error}", file=sys.stderr
            )
            return None
