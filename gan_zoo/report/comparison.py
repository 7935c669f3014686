"""One page about many runs: which method is better, how sure that is, and what each run looks like."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gan_zoo.report import commands
from gan_zoo.report.common_curves import common_panels
from gan_zoo.report.curves import common_axis
from gan_zoo.report.embed import spread, thumbnail
from gan_zoo.report.groups import DEFAULT, Group, grouped, seed_of, short_keys, value_of
from gan_zoo.report.outcome import Outcomes, failures, is_saved
from gan_zoo.report.page import render, write_page
from gan_zoo.report.parallel import parallel
from gan_zoo.report.scores import choose, common, mean_and_spread, scores
from gan_zoo.run_files import RunFiles

MOST_COLUMNS = 10
MOST_METHODS = 40  # with pictures
MOST_SEEDS = 6  # with pictures
AXES, SETTINGS = 4, 7  # of numbers and of settings, in parallel coordinates
THUMBNAIL, SMALL_THUMBNAIL = 560, 260  # pixels
FEW_PICTURES = 24  # up to which they may be large
ENDED = ("finished", "stopped")


def write_comparison(runs: Sequence[RunFiles], out: Path, by: str | None = None) -> Path:
    """Write a page that compares runs.

    Args:
        runs: two or more.
        out: the page.
        by: number by which they are ranked, as in the page's table; None takes the first that most have.

    Returns:
        Where the page is.

    Raises:
        UserError: if no run has that number.
        OSError: if the disk refuses.
    """
    write_page(out, render("compare.html", Comparison(runs, out.parent, by).contents()))
    return out


class Comparison:
    """What a comparison says.

    Args:
        runs: what is compared.
        folder: of the page, from which it links to reports of single runs.
        by: number by which runs are ranked, or None.

    Raises:
        UserError: if no run has that number.
    """

    def __init__(self, runs: Sequence[RunFiles], folder: Path, by: str | None = None) -> None:
        outcomes = Outcomes()
        self.outcomes = {id(run): outcomes.of(run) for run in runs}
        self.width = THUMBNAIL if len(runs) <= FEW_PICTURES else SMALL_THUMBNAIL
        self.folder = folder
        self.scores = {id(run): scores(run) for run in runs}
        found = list(self.scores.values())
        self.by = choose(by, found)
        metrics = common(found, MOST_COLUMNS)
        self.metrics = [self.by, *(each for each in metrics if each != self.by)] if self.by else metrics
        self.groups = sorted(grouped(runs), key=self._group_cost)
        self.ranked = sum(self._has_place(group) for group in self.groups)
        self.method = {id(run): place for place, group in enumerate(self.groups) for run in group.runs}
        self.runs = [run for group in self.groups for run in group.runs]

    def contents(self) -> dict[str, Any]:
        """Return all that the page shows."""
        grids = self._grids()
        panels = common_panels(self.groups, self.metrics, self.ranked)
        axis = common_axis(panels)
        ranked = self._ranked()
        shown = min(3, len(ranked) // 2)
        told = {id(run): self._run(run) for run in self.runs}
        return {
            "title": self._title(),
            "states": Counter(outcome.state for outcome in self.outcomes.values()),
            "by": self.by,
            "ranked": self.ranked,
            "data": _data(self.runs),
            "metrics": self.metrics,
            "methods": [self._method(place, group) for place, group in enumerate(self.groups)],
            "runs": list(told.values()),
            "best": [told[id(run)] | {"picture": self._picture(run)} for run in ranked[:shown]],
            "worst": [told[id(run)] | {"picture": self._picture(run)} for run in ranked[::-1][:shown]],
            "failed": failures(self.runs, self.outcomes, told),
            "panels": [(panel.title, panel.about) for panel in panels],
            "charts_data": {"panels": [panel.plain(axis) for panel in panels], "marks": []},
            "grids": grids,
            "real": None if any(grid["real"] for grid in grids) else self._first_real(),
            "parallel": self._parallel(),
        }

    def cost(self, run: RunFiles) -> float:
        """Return by what runs are ranked, smaller is better; infinite without a number at a good end."""
        value = self.scores[id(run)].get(self.by) if self.by else None
        if self.by is None or value is None or self.outcomes[id(run)].state not in ENDED:
            return math.inf
        return self.by.cost(value)

    def _has_place(self, group: Group) -> bool:
        return any(math.isfinite(self.cost(run)) for run in group.runs)

    def _ranked(self) -> list[RunFiles]:
        """Return the runs that ended and were measured, best first; those that diverged are last."""
        measured = [run for run in self.runs if self.by in self.scores[id(run)]]
        return sorted((run for run in measured if self.outcomes[id(run)].state in ENDED), key=self.cost)

    def _group_cost(self, group: Group) -> tuple[float, float, str]:
        """Return the mean cost, behind how large a part of the runs ended without a finite number."""
        measured = [run for run in group.runs if self.by in self.scores[id(run)]]
        costs = [self.cost(run) for run in measured if self.outcomes[id(run)].state in ENDED]
        known = [cost for cost in costs if math.isfinite(cost)]
        if not known:
            return 1.0 if costs else 2.0, math.inf, group.label
        return 1.0 - len(known) / len(costs), sum(known) / len(known), group.label

    def _title(self) -> str:
        methods, runs = len(self.groups), len(self.runs)
        return f"{runs} runs of {methods} method{'s' if methods > 1 else ''}"

    def _method(self, place: int, group: Group) -> dict[str, Any]:
        """Return a row of the table of methods; runs that did not end well have no part in its numbers."""
        ended = [run for run in group.runs if self.outcomes[id(run)].state in ENDED]
        columns = []
        for metric in self.metrics:
            values = [self.scores[id(run)].get(metric, math.nan) for run in ended]
            mean, deviation = mean_and_spread(values)
            columns.append({"mean": mean, "spread": deviation, "count": sum(map(math.isfinite, values))})
        seconds = [float((run.summary or {}).get("seconds") or math.nan) for run in ended]
        return {
            "order": place,
            "place": place + 1 if place < self.ranked else None,
            "label": group.label,
            "seeds": [seed for seed in map(seed_of, group.runs) if seed is not None],
            "count": len(group.runs),
            "ended": len(ended),
            "columns": columns,
            "seconds": mean_and_spread(seconds)[0],
            "findings": _findings(group.runs),
        }

    def _run(self, run: RunFiles) -> dict[str, Any]:
        place = self.method[id(run)]
        found = self.scores[id(run)]
        report = run.path / "report.html"
        link = quote(os.path.relpath(report, self.folder)) if report.exists() else None
        outcome = self.outcomes[id(run)]
        return {
            "name": run.name,
            "order": place,
            "place": place + 1 if math.isfinite(self.cost(run)) else None,
            "label": self.groups[place].label,
            "seed": seed_of(run),
            "state": outcome.state,
            "kimg": run.kimg,
            "values": [found.get(metric) for metric in self.metrics],
            "findings": _findings([run]),
            "link": link,
            "repeat": commands.repeat_command(run),
            "resume": commands.resume_command(run) if is_saved(run) else None,
        }

    def _grids(self) -> list[dict[str, Any]]:
        """Return the last pictures, method by method; real ones beside them if the data differ."""
        rows: list[dict[str, Any]] = []
        several = len(_data(self.runs)) > 1
        for place, group in enumerate(self.groups[:MOST_METHODS], 1):
            cells = [
                (seed_of(run), self.outcomes[id(run)].state, self._picture(run))
                for run in spread(group.runs, MOST_SEEDS)
            ]
            if any(picture for *_, picture in cells):
                real = self._real(group.runs[0]) if several else None
                rank = place if place <= self.ranked else None
                rows.append({"place": rank, "label": group.label, "cells": cells, "real": real})
        return rows

    def _picture(self, run: RunFiles) -> str | None:
        pictures = run.pictures()
        return thumbnail(pictures[-1][1], self.width) if pictures else None

    def _real(self, run: RunFiles) -> str | None:
        return thumbnail(run.path / "samples" / "real.png", self.width)

    def _first_real(self) -> str | None:
        return next(filter(None, map(self._real, self.runs)), None)

    def _parallel(self) -> dict[str, Any] | None:
        numbers = self.metrics[:AXES]
        names = short_keys(dict.fromkeys(key for group in self.groups for key in group.settings))
        told = [key for group in self.groups for key, value in group.settings.items() if value != DEFAULT]
        most = {key for key, _ in Counter(told).most_common(SETTINGS)}
        shown = [key for key in names if key in most]
        rows: list[dict[str, float | str | None]] = []
        for run in self.runs:
            typed = self.groups[self.method[id(run)]].settings
            settings = {names[key]: value_of(run, key, typed.get(key, DEFAULT)) for key in shown}
            rows.append(settings | {each.title: self.scores[id(run)].get(each) for each in numbers})
        drawn = parallel(rows, [self.cost(run) for run in self.runs])
        for run, line in zip(self.runs, (drawn or {}).get("lines", []), strict=False):
            line["title"] = f"{self.groups[self.method[id(run)]].label}, seed {seed_of(run)}"
        return drawn


def _findings(runs: Sequence[RunFiles]) -> list[tuple[str, int]]:
    kinds = Counter(str(each.get("kind", "")).replace("_", " ") for run in runs for each in run.findings)
    return kinds.most_common()


def _data(runs: Sequence[RunFiles]) -> list[str]:
    """Return which data the runs learned from, such as `ring (modes 5)`; one entry where all are alike.

    Runs of which this is not known, as where they were refused, say nothing.
    """
    known = [run.config["data"] for run in runs if isinstance(run.config.get("data"), dict)]
    told = [{**each, "root": None, "download": None} for each in known]
    keys = dict.fromkeys(key for each in told for key in each if key != "name")
    differ = [key for key in keys if len({str(each.get(key)) for each in told}) > 1]
    names = dict.fromkeys(
        f"{each.get('name', 'unknown')} ({', '.join(f'{key} {each[key]}' for key in differ if key in each)})"
        for each in told
    )
    return sorted(name.removesuffix(" ()") for name in names)
