"""Which numbers of a run share a chart, and their values in the form that the page draws."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gan_zoo.report.embed import spread
from gan_zoo.run_files import RunFiles

MOST_POINTS = 400  # of a curve; more cannot be told apart on a screen
SECTIONS = {
    "losses": "Losses",
    "quality": "Quality",
    "collapse": "Collapse",
    "vitals": "Vital signs",
    "progress": "Growth",
    "speed": "Speed",
    "others": "Others",
}
LEFT_OUT = re.compile(r"step|epoch|progress/kimg|vitals/run_share|vitals/\w+_steps|alarm/.*|hp_metric")
ABOUT = {
    "losses/discriminator": "what D minimizes, term by term",
    "losses/generator": "what G minimizes, term by term",
    "collapse/diversity": "mean distance between two fakes; 1 as for reals",
    "collapse/energy_distance": "between fakes and reals; 0 is best",
    "collapse/coverage": "share of the data's modes or cells that fakes fill",
    "collapse/jensen_shannon_divergence": "between the shares of modes or cells; as for reals is best",
    "collapse/modes": "modes with enough good samples",
    "collapse/high_quality": "share of samples near a mode",
    "collapse/pair_diversity": "two latents of one class; 1 as for reals",
    "collapse/mode_seeking": "change of samples per change of latents; must not be 0",
    "collapse/feature_diversity": "diversity in D's last features; 1 as for reals",
    "collapse/copy_distance": "to the nearest training sample; below 1 are copies",
    "collapse/drift": "how far samples of the same latents move between looks",
    "collapse/ms_ssim": "similarity of pairs; as for reals is best",
    "vitals/accuracy": "share that D takes for what they are",
    "vitals/logit_gap": "D's mean score of held-out reals minus fakes",
    "vitals/ranking": "probability that D ranks a real above a fake (separation), "
    "a training real above a held-out one (overfitting)",
    "vitals/gradient_norm": "of each player",
    "vitals/update_ratio": "how far weights went since the last look, over their size",
    "progress/growth": "the level that is trained, and how far it is faded in",
}
TITLES = {
    "fd": "Fréchet distance",
    "kd": "Kernel distance",
    "ndb": "NDB",
    "ndb_jsd": "JSD of bins",
    "ms_ssim": "MS-SSIM",
    "jensen_shannon_divergence": "Jensen-Shannon divergence",
    "lr": "Learning rate",
}
SHARES = (  # charts of numbers between 0 and 1
    "collapse/coverage", "collapse/high_quality", "collapse/precision", "collapse/recall", "vitals/accuracy",
    "vitals/ranking",
)  # fmt: skip
COUNTS = ("collapse/modes",)  # charts that begin at none
LOGARITHMIC = ("vitals/gradient_norm", "vitals/update_ratio", "vitals/lr", "collapse/energy_distance")


@dataclass
class Panel:
    """One chart.

    Attributes:
        key: section and name.
        title: of the chart.
        about: one line on how to read it.
        log: whether its values span powers of ten.
        series: values by name.
        most: the largest possible value, where it is known.
    """

    key: str
    title: str
    about: str
    log: bool
    series: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    most: float | None = None

    def plain(self, axis: tuple[float, float]) -> dict[str, Any]:
        """Return what the page's script draws.

        Args:
            axis: its first and last kimg, the same for all charts of a page.
        """
        curves = {
            name: (axis, [values[-1]] * 2) if "_floor/" in name else (places, values)
            for name, (places, values) in self.series.items()
        }
        least = min(min(values) for _, values in curves.values())
        largest = max(max(values) for _, values in curves.values())
        return {
            "title": self.title,
            "log": self.log and least > 0.0 and largest >= 10.0 * least,
            "count": self.key in COUNTS,
            "most": 1.0 if self.key in SHARES else self.most,
            **joined(curves, axis),
        }


def sections(run: RunFiles) -> list[tuple[str, list[Panel]]]:
    """Return the charts of a run, by section."""
    panels: dict[str, Panel] = {}
    names = sorted({name for row in run.rows() for name in row if not LEFT_OUT.fullmatch(name)})
    for name in names:
        kimg, values = thinned(*run.series(name))
        if kimg:
            panel = panels.setdefault(panel_key(name), _panel(panel_key(name)))
            panel.series[name] = (kimg, values)
    found = {
        section: [panel for key, panel in panels.items() if key.startswith(f"{section}/")]
        for section in SECTIONS
    }
    return [(SECTIONS[section], _in_order(each)) for section, each in found.items() if each]


def panel_key(name: str) -> str:
    """Return which chart a number belongs to.

    Example:
        >>> panel_key("generator/mode_seeking"), panel_key("vitals/accuracy_fake")
        ('losses/generator', 'vitals/accuracy')
    """
    first, _, rest = name.partition("/")
    first = first.removesuffix("_floor")
    if first in ("generator", "discriminator"):
        return f"losses/{first}"
    if first == "progress":
        return "progress/growth"
    if first == "vitals":
        rest = re.sub(r"^accuracy_\w+$", "accuracy", rest)
        rest = re.sub(r"^(separation|overfitting)$", "ranking", rest)
        rest = re.sub(r"^(generator|discriminator)_", "", rest)
        return f"vitals/{rest}"
    if first in SECTIONS:
        return f"{first}/{re.sub(r'_(live|of_reals|of_data)$', '', rest)}"
    return f"others/{name}"


def thinned(kimg: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return what is finite, evenly thinned; of a curve that is thinned, extremes stay."""
    points = [(x, y) for x, y in zip(kimg, values, strict=True) if math.isfinite(x) and math.isfinite(y)]
    if len(points) > MOST_POINTS:
        edges = spread(range(len(points) + 1), MOST_POINTS // 2 + 1)
        pieces = [points[low:high] for low, high in pairwise(edges)]
        extremes = {pick(piece, key=lambda point: point[1]) for piece in pieces for pick in (min, max)}
        points = sorted({points[0], *extremes, points[-1]})
    return [x for x, _ in points], [y for _, y in points]


def common_axis(panels: Iterable[Panel], kimg: float = 0.0) -> tuple[float, float]:
    """Return the first and the last kimg of all charts of a page, so that moments lie below each other."""
    ends = [places[-1] for panel in panels for places, _ in panel.series.values()]
    return 0.0, max([kimg, *ends])


def joined(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], ends: Sequence[float] = ()
) -> dict[str, Any]:
    """Return curves over one common axis up to both ends, with null where one has no value."""
    axis = sorted({short(x) for kimg, _ in [*curves.values(), (ends, ())] for x in kimg})
    series = []
    for place, (name, (kimg, values)) in enumerate(curves.items()):
        at = {short(x): short(y) for x, y in zip(kimg, values, strict=True)}
        real = re.search(r"_floor/|_of_reals$|_of_data$", name) is not None
        series.append({"label": _label(name), "color": place, "real": real, "y": [at.get(x) for x in axis]})
    return {"x": axis, "series": series}


def short(value: float) -> float:
    """Return a number with six digits that count, which is what a screen can show."""
    return float(f"{value:.6g}")


def marks(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where the charts say that something began to go wrong."""
    return [
        {"kimg": each["since_kimg"], "label": str(each.get("kind", "")).replace("_", " ")}
        for each in findings
        if isinstance(each.get("since_kimg"), (int, float))
    ]


def _panel(key: str) -> Panel:
    section, _, name = key.partition("/")
    name, _, extractor = name.partition("/") if section in ("quality", "collapse") else (name, "", "")
    title = TITLES.get(name, name.replace("_", " ").replace("/", " / "))
    about = ABOUT.get(key, f"features of {extractor}" if extractor else "")
    return Panel(key, title[:1].upper() + title[1:], about, key in LOGARITHMIC)


def _in_order(panels: list[Panel]) -> list[Panel]:
    known = list(ABOUT)
    return sorted(
        panels, key=lambda panel: (known.index(panel.key) if panel.key in known else len(known), panel.key)
    )


def _label(name: str) -> str:
    first, _, rest = name.partition("/")
    if first.endswith("_floor"):
        return "real data"
    shown = rest.partition("/")[0] if first in ("quality", "collapse") else rest or name
    return shown.replace("_", " ")
