"""The picture of a suite: one small panel per method and seed, points over modes or shares of modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gan_zoo.benchmark.compare import Results, Score
from gan_zoo.benchmark.plan import shared
from gan_zoo.benchmark.suites import REAL, Suite

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS = 6  # methods beside each other
PANEL, NARROWEST = 1.55, 4.7  # inches
GENERATED, TRUE = "#d1495b", "#3d5a80"
MOST_BARS = 100  # beyond it shares are one curve, largest first


def draw_picture(results: Results) -> bytes:
    """Return a PNG with the methods in blocks of columns and their seeds below each other; real data first.

    Raises:
        ValueError: if nothing has been reported.
    """
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = _panels(results)
    if not panels:
        raise ValueError("There is no score to draw.")
    depth = max(len(scores) for _, scores in panels)
    blocks = -(-len(panels) // ACROSS)
    columns = min(ACROSS, len(panels))
    size = (max(NARROWEST, columns * PANEL), blocks * (depth * PANEL * 1.15 + 0.3) + 0.4)
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    figure.suptitle(_title(results), fontsize=10)
    axes = figure.subplots(blocks * depth, columns, squeeze=False)
    for each in axes.flat:
        each.set_axis_off()
    for place, (name, scores) in enumerate(panels):
        block, column = divmod(place, ACROSS)
        for row, score in enumerate(scores):
            panel = axes[block * depth + row, column]
            panel.set_axis_on()
            _draw(panel, score, results, f"{name}\n" if row == 0 else "")
    file = BytesIO()
    FigureCanvasAgg(figure).print_png(file)
    return file.getvalue()


def _panels(results: Results) -> list[tuple[str, list[Score]]]:
    real = [(REAL, [results.real])] if results.real is not None else []
    own = [(setting.method, results.of(setting.method)) for setting in results.settings]
    return [*real, *((name, scores) for name, scores in own if scores)]


def _title(results: Results) -> str:
    points = any(score["points"] for score in results.reported)
    what = (
        "generated points (red) over true ones (blue)"
        if points
        else "shares of modes; the line is the true one"
    )
    steps = f"{shared(results.settings, 'generator_steps')} steps of the generator"
    return f"{results.suite.title}, {steps}\n{what}; one row per seed"


def _draw(panel: Axes, score: Score, results: Results, name: str) -> None:
    if score["points"] and results.real is not None:
        _scatter(panel, score["points"], results.real["points"])
    else:
        _bars(panel, score["counts"], results.suite)
    panel.set_title(f"{name}{_caption(score, results.suite)}", fontsize=7, pad=3)
    panel.set_xticks([])
    panel.set_yticks([])


def _caption(score: Score, suite: Suite) -> str:
    figures = score["figures"]
    parts = [f"{figures['modes']:.0f} of {suite.modes}"]
    if figures.get("high_quality") is not None:
        parts.append(f"{100.0 * figures['high_quality']:.1f} %")
    else:
        parts.append(f"KL {figures['kl']:.3f}")
    return ", ".join(parts)


def _scatter(panel: Axes, points: Sequence[Sequence[float]], real: Sequence[Sequence[float]]) -> None:
    reach = 1.3 * max(abs(value) for point in real for value in point)
    panel.scatter(*_columns(real), s=4.0, color=TRUE, linewidths=0.0)
    panel.scatter(*_columns(points), s=1.0, color=GENERATED, alpha=0.5, linewidths=0.0)
    panel.set_xlim(-reach, reach)
    panel.set_ylim(-reach, reach)
    panel.set_aspect("equal")


def _columns(points: Sequence[Sequence[float]]) -> tuple[Any, Any]:
    across, up = zip(*points, strict=True)
    return across, up


def _bars(panel: Axes, counts: Sequence[int], suite: Suite) -> None:
    total = max(1, sum(counts))
    shares = [count / total for count in counts]
    ideal = 1.0 / len(shares)
    if len(shares) > MOST_BARS:
        panel.fill_between(range(len(shares)), sorted(shares, reverse=True), color=GENERATED, linewidth=0.0)
    else:
        panel.bar(range(len(shares)), shares, color=GENERATED, width=0.8)
    panel.axhline(ideal, color=TRUE, linewidth=0.8)
    panel.set_ylim(0.0, 4.0 * ideal)
