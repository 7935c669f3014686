"""metrics.csv: one row per look, complete on the disk after each, and cut where a run goes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger

from gan_zoo.checkpoint import write_bytes

FILE = "metrics.csv"
STEP = "step"  # the image count


class CsvLogger(Logger):
    """Appends rows to `metrics.csv`; a column that comes late is empty in the rows before it.

    Lightning's logger deletes the table that it finds, and keeps rows in memory that a killed run loses.

    Args:
        save_dir: folder of the table.

    Attributes:
        count: rows so far, those that wait for the disk included.
    """

    def __init__(self, save_dir: str) -> None:
        super().__init__()
        self.path = Path(save_dir) / FILE
        self._columns: list[str] = []
        self._waiting: list[dict[str, Any]] = []  # rows that the disk refused; they come with the next one
        self.count = 0

    @property
    def name(self) -> str:
        """Empty: the table lies directly in its folder."""
        return ""

    @property
    def version(self) -> str:
        """Empty."""
        return ""

    @property
    def save_dir(self) -> str:
        """The folder of the table."""
        return str(self.path.parent)

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: they stand in config.yaml."""

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Write one row to the disk."""
        row = {STEP: step, **{name: float(value) for name, value in metrics.items()}}
        late = [name for name in row if name not in self._columns]
        self._columns += late
        self._waiting.append(row)
        self.count += 1
        if late or len(self._waiting) > 1:  # a refused row may be torn, so the table is written anew
            write_bytes(self.path, self._text([*self.rows(), *self._waiting], header=True))
        else:
            with self.path.open("ab") as file:
                file.write(self._text([row]))
        self._waiting = []

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of the table as texts, without cells that are empty."""
        if not self.path.exists():
            return []
        text = self.path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]  # the last line of a process that was killed may be torn
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(io.StringIO(whole))]

    def cut(self, images: int, count: int | None = None) -> int:
        """Forget what comes after an image count, and go on behind it.

        Args:
            images: of the last row that stays.
            count: of rows that may stay.

        Returns:
            The image count of the last row before the cut, 0 for an empty table.
        """
        rows = self.rows()
        if not rows:
            return 0
        with self.path.open(encoding="utf-8", newline="") as file:
            self._columns = next(csv.reader(file))
        kept = [row for row in rows[:count] if int(row[STEP]) <= images]
        write_bytes(self.path, self._text(kept, header=True))
        self.count = len(kept)
        return max(int(row[STEP]) for row in rows)

    def _text(self, rows: list[dict[str, Any]], header: bool = False) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, self._columns, restval="", lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
