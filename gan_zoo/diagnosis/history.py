"""The vital signs of a run, look by look, from rows or from its metrics.csv."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

from gan_zoo.diagnosis.signs import KIMG, SHARE, makes_look
from gan_zoo.diagnosis.tables import read_signs
from gan_zoo.diagnosis.thresholds import Thresholds
from gan_zoo.errors import UserError

STEPS = "vitals/generator_steps"
USUAL_LOOKS = 50  # of a run whose rows do not say which share of it is done


class History:
    """Rows of numbers by name, in the order of kimg.

    Rows without signs under `vitals/` are left out. A row that goes back in kimg replaces what came after it:
    that is where a run returned to a checkpoint.
    """

    def __init__(self, rows: Iterable[Mapping[str, float]] = ()) -> None:
        self.rows: list[dict[str, float]] = []
        for row in rows:
            self.append(row)

    @classmethod
    def from_csv(cls, path: str | Path) -> History:
        """Read a metrics.csv; columns may appear late and cells may be empty.

        Rows of one kimg are put together, and what only a run of ours writes is made up for: see
        `gan_zoo.diagnosis.tables`.

        Raises:
            UserError: if there is no such file, it is no such table or it holds no vital signs.
        """
        place = Path(path)
        try:
            with place.open(encoding="utf-8-sig", newline="") as file:  # Excel begins with a mark
                history = cls(read_signs([_numbers(row) for row in csv.DictReader(file)]))
        except OSError as error:
            raise UserError(
                f"{place} cannot be read: {error.strerror or error}. Give csv=FILE or run=DIR."
            ) from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise UserError(f"{place} is not a table of numbers: {error}") from error
        if not history.rows:
            raise UserError(
                f"{place} holds no vital signs (columns vitals/... and collapse/... beside {KIMG}). They are "
                f"logged by callbacks.vitals, which callbacks=default contains, to logger=csv."
            )
        return history

    def append(self, row: Mapping[str, float]) -> bool:
        """Add a look; say whether it is one."""
        kimg = row.get(KIMG, math.nan)
        if not math.isfinite(kimg) or not any(map(makes_look, row)):
            return False
        self.rewind(kimg)
        self.rows.append(dict(row))
        return True

    def rewind(self, kimg: float) -> None:
        """Forget all looks at `kimg` and after."""
        while self.rows and self.rows[-1][KIMG] >= kimg:
            self.rows.pop()

    def __len__(self) -> int:
        return len(self.rows)

    def kimg(self, look: int) -> float:
        """Return the kimg of a look."""
        return self.rows[look][KIMG]

    def share(self, look: int) -> float:
        """Return which share of the run was done at a look."""
        return self.rows[look].get(SHARE, look / USUAL_LOOKS)

    def has(self, name: str) -> bool:
        """Say whether any look has a number, be it finite or not."""
        return any(name in row for row in self.rows)

    def value(self, look: int, name: str) -> float:
        """Return a number, NaN where it is missing."""
        return self.rows[look].get(name, math.nan)

    def values(self, looks: Iterable[int], name: str) -> list[float]:
        """Return the finite numbers of some looks."""
        found = (self.value(look, name) for look in looks)
        return [value for value in found if math.isfinite(value)]

    def typical(self, looks: Iterable[int], name: str) -> float:
        """Return the median over some looks, NaN if none of them has the number."""
        found = self.values(looks, name)
        return median(found) if found else math.nan

    # Conditions that last --------------------------------------------------------------------------------

    def window(self, look: int, limits: Thresholds) -> range | None:
        """Return the looks of the window that ends at a look, or None while the run is too young for it."""
        first = look
        while first > 0 and self.share(look) - self.share(first) < limits.window_share - 1e-9:
            first -= 1
        first = min(first, look - limits.window_looks + 1)
        if first < 0 or self.share(first) < limits.grace_share - 1e-9:
            return None
        if self.value(first, STEPS) < limits.grace_steps:  # not where steps are not known
            return None
        return range(first, look + 1)

    def can_be_judged(self, limits: Thresholds) -> bool:
        """Say whether there is any look at which a condition can have lasted long enough."""
        return any(self.window(look, limits) is not None for look in range(len(self)))

    def lasting(self, look: int, sick: Callable[[int], bool], limits: Thresholds) -> range | None:
        """Return the looks through which a condition has lasted up to `look`, or None if it has not.

        It must hold at the last look and at most of a window. Going back, it has lasted until two looks in
        a row do not show it.
        """
        window = self.window(look, limits)
        if window is None or not sick(look):
            return None
        if sum(map(sick, window)) < limits.steady * len(window):
            return None
        first = next(at for at in window if sick(at))
        for at in range(first - 1, -1, -1):
            if sick(at):
                first = at
            elif first - at >= 2:
                break
        return range(first, look + 1)

    def falling(self, window: range, name: str, below: float) -> bool:
        """Say whether a number's median over the window's second half is below this part of the first's."""
        before, after = self._halves(window, name)
        return after < below * before

    def rising(self, window: range, name: str, below: float) -> bool:
        """Say whether a number's median over the window's first half is below this part of the second's."""
        before, after = self._halves(window, name)
        return before < below * after

    def _halves(self, window: range, name: str) -> tuple[float, float]:
        middle = window[len(window) // 2]
        before, after = range(window[0], middle), range(middle, window[-1] + 1)
        return self.typical(before, name), self.typical(after, name)


def _numbers(row: Mapping[str | None, str | list[str] | None]) -> dict[str, float]:
    """Return the cells of a row that hold numbers, by column."""
    found: dict[str, float] = {}
    for name, text in row.items():
        if isinstance(name, str) and isinstance(text, str) and text.strip():
            try:
                found[name] = float(text)
            except ValueError:
                continue
    return found
