"""Parallel coordinates: one line per run over its settings and its numbers, as shapes of an SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gan_zoo.report.words import number

STEP, HEIGHT, TOP, SIDE = 150, 260, 56, 70
ROOM = 1118  # of the page; axes stand further apart where that fills it
NARROW = 640  # on a phone, in pixels that scroll
COLORS = 5  # from best to worst


Row = Mapping[str, float | str | None]


def parallel(rows: Sequence[Row], costs: Sequence[float]) -> dict[str, Any] | None:
    """Return axes and lines.

    Args:
        rows: of each run its values by the name of the axis.
        costs: by which lines are colored, smaller is better, not finite for runs without.

    Returns:
        None if there are not two axes on which runs differ.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    varying = [name for name in names if len({row.get(name) for row in rows} - {None}) > 1]
    if len(varying) < 2:
        return None
    columns = {name: [row.get(name) for row in rows] for name in varying}
    step = max(STEP, (ROOM - 2 * SIDE) // (len(varying) - 1))
    axes = [_axis(name, columns[name], SIDE + step * place) for place, name in enumerate(varying)]
    colors = _colors(costs)
    lines = []
    for place, row in enumerate(rows):
        points = [(axis["x"], axis["at"](row.get(axis["name"]), place)) for axis in axes]
        lines.append({"path": _path(points), "color": colors[place]})
    return {
        "axes": [{key: axis[key] for key in ("name", "x", "ticks", "log")} for axis in axes],
        "lines": lines,
        "width": 2 * SIDE + step * (len(axes) - 1),
        "narrow": max(NARROW, 2 * SIDE + STEP * (len(axes) - 1)),
        "height": TOP + HEIGHT + 30,
        "top": TOP,
        "bottom": TOP + HEIGHT,
    }


def _axis(name: str, values: Sequence[float | str | None], x: float) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    numbers = [_number(value) for value in known]
    if all(each is not None for each in numbers) and len(set(numbers)) > 1:
        return _numeric(name, [each for each in numbers if each is not None], x)
    kinds = sorted({str(value) for value in known})
    place = {kind: TOP + HEIGHT * (i + 0.5) / len(kinds) for i, kind in enumerate(kinds)}
    room = 0.5 * HEIGHT / len(kinds)

    def at(value: float | str | None, line: int) -> float | None:
        # Lines of one kind lie beside each other, so that they can be told apart and pointed at.
        return None if value is None else place[str(value)] + room * ((line * 0.618) % 1.0 - 0.5)

    ticks = [(place[kind] - room / 2 - 8, kind) for kind in kinds]  # between the lines of two kinds
    return {"name": name, "x": x, "ticks": ticks, "at": at, "log": False}


def _numeric(name: str, numbers: Sequence[float], x: float) -> dict[str, Any]:
    low, high = min(numbers), max(numbers)
    log = low > 0 and high / low >= 50
    scale = math.log if log else float
    span = scale(high) - scale(low)

    def at(value: float | str | None, line: int) -> float | None:
        known = _number(value)
        return None if known is None else TOP + HEIGHT * (1.0 - (scale(known) - scale(low)) / span)

    ticks = [(TOP - 8, number(high)), (TOP + HEIGHT + 18, number(low))]  # above and below all lines
    return {"name": name, "x": x, "ticks": ticks, "at": at, "log": log}


def _path(points: Sequence[tuple[float, float | None]]) -> str:
    """Return a line that leaves out the axes on which the run has no value."""
    known = [(x, y) for x, y in points if y is not None]
    words = []
    for place, (x, y) in enumerate(known):
        if place == 0:
            words.append(f"M{x:g} {y:.1f}")
        else:
            before, height = known[place - 1]
            half = (before + x) / 2
            words.append(f"C{half:g} {height:.1f} {half:g} {y:.1f} {x:g} {y:.1f}")
    return "".join(words)


def _colors(costs: Sequence[float]) -> list[str]:
    ranked = sorted(cost for cost in costs if math.isfinite(cost))
    names = []
    for cost in costs:
        if math.isfinite(cost) and len(ranked) > 1:
            names.append(f"q{min(COLORS - 1, COLORS * ranked.index(cost) // len(ranked))}")
        else:
            names.append("q-")
    return names


def _number(value: float | str | None) -> float | None:
    try:
        known = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return known if math.isfinite(known) else None
