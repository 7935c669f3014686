"""Tables of other origin: what our vital signs say besides, filled in where a table does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

KIMG = "progress/kimg"
SHARE = "vitals/run_share"
NOT_FINITE = "vitals/not_finite"
PREFIX = "vitals/"  # what makes a row a look; collapse/ has further sources
# Signs under that name, which make a row a look where a table has nothing under the other.
SIGNS = frozenset(
    f"collapse/{name}{of}"
    for name in (
        "diversity", "energy_distance", "pair_diversity", "mode_seeking", "feature_diversity", "coverage",
        "modes", "high_quality", "copy_distance", "drift", "ms_ssim",
    )
    for of in ("", "_live")
)  # fmt: skip


def completed(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Return the rows of a table with the share of the run and the count of what is not finite.

    Where the column of the share is missing the table is that of a whole run, so its last kimg is the end.
    Where the other is missing, signs are counted that were finite at an earlier look. Tables that have both
    are left as they are, and rows that are no looks always.

    Example:
        >>> completed([{KIMG: 0.0, "vitals/a": 1.0}, {KIMG: 4.0, "vitals/a": math.nan}])[1][NOT_FINITE]
        1.0
    """
    names = {name for row in rows for name in row}
    bare = not any(name.startswith(PREFIX) for name in names)
    found = [dict(row) for row in rows]
    looks = [row for row in found if math.isfinite(row.get(KIMG, math.nan)) and _is_look(row, bare)]
    end = looks[-1][KIMG] if looks else 0.0
    finite: set[str] = set()
    for row in looks:
        if SHARE not in names:
            row[SHARE] = row[KIMG] / end if end > 0.0 else 0.0
        if NOT_FINITE not in names:
            row[NOT_FINITE] = float(sum(not math.isfinite(row[name]) for name in finite & row.keys()))
        finite |= {name for name, value in row.items() if _is_sign(name) and math.isfinite(value)}
    return found


def _is_look(row: Mapping[str, float], bare: bool) -> bool:
    return any(name in SIGNS if bare else name.startswith(PREFIX) for name in row)


def _is_sign(name: str) -> bool:
    return name in SIGNS or (name.startswith(PREFIX) and name not in (SHARE, NOT_FINITE))
