"""Tables of other origin: rows put together, and what our vital signs say besides filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from gan_zoo.diagnosis.signs import (
    KIMG,
    LASTING,
    LOSSES,
    NOT_FINITE,
    OF_SAMPLES,
    SAMPLES,
    SHARE,
    SOUND,
    VITALS,
    is_sign,
    makes_look,
)

Row = dict[str, float]


def read_signs(rows: Sequence[Mapping[str, float]]) -> list[Row]:
    """Return the signs of a table, one row per kimg: put together, completed, and without other columns."""
    found = completed(merged(rows))
    return [{k: v for k, v in row.items() if k == KIMG or k.startswith((VITALS, SAMPLES))} for row in found]


def merged(rows: Sequence[Mapping[str, float]]) -> list[Row]:
    """Return one row per kimg, of those that follow each other; of two numbers the later one counts.

    Rows without a kimg are left out.

    Example:
        >>> merged([{KIMG: 1.0, "vitals/a": 1.0}, {KIMG: 1.0, "collapse/b": 2.0}])
        [{'progress/kimg': 1.0, 'vitals/a': 1.0, 'collapse/b': 2.0}]
    """
    placed = [row for row in rows if math.isfinite(row.get(KIMG, math.nan))]
    groups = (group for _, group in groupby(placed, key=lambda row: row[KIMG]))
    return [{name: value for row in group for name, value in row.items()} for group in groups]


def completed(rows: Sequence[Mapping[str, float]]) -> list[Row]:
    """Return the rows of a table with the share of the run and the count of what is not finite.

    Where the column of the share is missing the table is that of a whole run, so its last kimg is the end.
    Where the other is missing, signs are counted that are not finite or have vanished. Tables that have both
    are left as they are, and rows that are no looks always.

    Args:
        rows: by kimg, as `merged` returns them.

    Example:
        >>> completed([{KIMG: 0.0, "vitals/a": 1.0}, {KIMG: 4.0, "vitals/a": math.nan}])[1][NOT_FINITE]
        1.0
    """
    names = {name for row in rows for name in row}
    found = [dict(row) for row in rows]
    of_looks = makes_look if any(map(makes_look, names)) else OF_SAMPLES.__contains__
    looks = [row for row in found if any(map(of_looks, row))]
    if NOT_FINITE not in names:
        looks += _silent(found, looks)
        _mark_vanished(looks)
        _count(looks)
    if SHARE not in names:
        end = looks[-1][KIMG] if looks else 0.0
        for row in looks:
            row[SHARE] = row[KIMG] / end if end > 0.0 else 0.0
    return found


def _silent(rows: list[Row], looks: list[Row]) -> list[Row]:
    """Return the last rows of a table all of whose signs vanish, of which every row was a look until then.

    Other rows hold a finite loss, or a column that no look has.
    """
    rest, known = rows[len(looks) :], {name for row in looks for name in row}
    looked = all(row is look for row, look in zip(rows, looks, strict=False))
    empty = all(row.keys() <= known and not any(map(math.isfinite, _losses(row))) for row in rest)
    return rest if looked and empty else []


def _losses(row: Row) -> list[float]:
    return [value for name, value in row.items() if name.startswith(LOSSES)]


def _mark_vanished(looks: list[Row]) -> None:
    """Write NaN where a sign that stood at every look is missing from some look to the end.

    Programs write NaN as an empty cell. A sign with gaps, or of a single look, was measured less often.
    """
    for name in LASTING:
        seen = [at for at, row in enumerate(looks) if name in row]
        if len(seen) > 1 and seen[-1] - seen[0] == len(seen) - 1:
            for row in looks[seen[-1] + 1 :]:
                row[name] = math.nan


def _count(looks: list[Row]) -> None:
    """Count what is not finite: losses, signs of every sound run, and signs that were finite before."""
    judged = set(SOUND)
    for row in looks:
        signs = [value for name, value in row.items() if name in judged]
        judged |= {name for name, value in row.items() if is_sign(name) and math.isfinite(value)}
        row[NOT_FINITE] = float(sum(not math.isfinite(value) for value in (*signs, *_losses(row))))
