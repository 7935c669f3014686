"""Curves that runs have in common: one line per method, the mean over its seeds."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections.abc import Sequence

from gan_zoo.report.curves import Panel, panel_key, thinned
from gan_zoo.report.groups import Group
from gan_zoo.report.scores import Metric
from gan_zoo.report.words import MEANING

MOST_LINES = 8  # of a chart; more cannot be told apart
MOST_PANELS = 9
OF_DATA = "_of_data"  # what a name ends with that says what real data have
LONGEST = 26  # characters of a name in a chart

Curve = tuple[list[float], list[float]]


def common_panels(groups: Sequence[Group], metrics: Sequence[Metric], ranked: int) -> list[Panel]:
    """Return a chart for each metric that was logged over kimg, of the first groups.

    Args:
        groups: in the order of the page.
        metrics: in which they are compared.
        ranked: how many of the groups, from the first on, have a place.
    """
    panels = []
    for metric in metrics:
        panel = Panel(panel_key(metric.name), metric.title, MEANING.get(metric.direction, ""), log=False)
        real = [run.series(f"{metric.name}{OF_DATA}")[1] for group in groups for run in group.runs]
        panel.most = max((max(values) for values in real if values), default=None)
        for place, group in enumerate(groups[:MOST_LINES], 1):
            curve = mean_curve([run.series(metric.name) for run in group.runs])
            if len(curve[0]) > 1:
                name = group.label if len(group.label) <= LONGEST else f"{group.label[:LONGEST]}…"
                panel.series[f"/{place}  {name}" if place <= ranked else f"/{name}"] = thinned(*curve)
        if panel.series:
            panels.append(panel)
    return panels[:MOST_PANELS]


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean of curves, at the places of the one that reaches furthest.

    Example:
        >>> mean_curve([([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]), ([0.0, 2.0], [2.0, 4.0])])
        ([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
    """
    known = [thinned(*curve) for curve in curves]
    known = [curve for curve in known if curve[0]]
    if not known:
        return [], []
    axis = max(known, key=lambda curve: curve[0][-1])[0]
    values = [[value_at(curve, x) for curve in known] for x in axis]
    means = [statistics.fmean(filter(math.isfinite, each)) for each in values]
    return list(axis), means


def value_at(curve: Curve, x: float) -> float:
    """Return a curve's value at `x`, straight between its points; not a number outside of them.

    Example:
        >>> value_at(([0.0, 2.0], [1.0, 5.0]), 0.5), value_at(([0.0, 2.0], [1.0, 5.0]), 3.0)
        (2.0, nan)
    """
    kimg, values = curve
    if not kimg[0] <= x <= kimg[-1]:
        return math.nan
    place = bisect_left(kimg, x)
    if kimg[place] == x:
        return values[place]
    share = (x - kimg[place - 1]) / (kimg[place] - kimg[place - 1])
    return values[place - 1] + share * (values[place] - values[place - 1])
